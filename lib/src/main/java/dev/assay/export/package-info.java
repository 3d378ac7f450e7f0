/** Compressed models as Hugging Face directories of dense weights. */
package dev.assay.export;
