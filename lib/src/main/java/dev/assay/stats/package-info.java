/** What calibration learns of a linear's input and of its gradients: numbers, and their files. */
package dev.assay.stats;
