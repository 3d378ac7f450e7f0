/** Pairs of sentences, put to models of sentence embeddings. */
package dev.assay.evaluate.pairs;
