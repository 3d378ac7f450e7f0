/** The labelled rows that tasks are made of, and how their files are read. */
package dev.assay.task;
