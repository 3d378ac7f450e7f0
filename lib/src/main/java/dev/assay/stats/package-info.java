/** What calibration learns about the inputs of a linear, and about its gradients. */
package dev.assay.stats;
