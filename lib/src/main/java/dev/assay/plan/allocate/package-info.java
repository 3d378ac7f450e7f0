/** Which recipe each unit gets, chosen from cells that have been measured. */
package dev.assay.plan.allocate;
