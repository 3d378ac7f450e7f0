/**
 * The result tables: their columns, how rows land in them, and how they are asked.
 *
 * <p>A row is a {@link dev.assay.jobs.tables.TableRow}; a {@link dev.assay.jobs.tables.Committer}
 * on the driver lands rows as whole Parquet files; {@link dev.assay.jobs.tables.Views} and {@link
 * dev.assay.jobs.tables.Progress} read the newest row of each identity; {@link
 * dev.assay.jobs.tables.SqlCommand} prints what a query finds.
 */
package dev.assay.jobs.tables;
