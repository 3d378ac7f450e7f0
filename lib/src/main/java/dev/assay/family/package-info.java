/**
 * What is known of model architectures: names, roles, sites, joint groups, configuration. One file
 * per family, and nothing outside says what only one of them has.
 *
 * <p>Knowledge alone: no file is read here, nothing is computed, no native library is needed.
 * {@link dev.assay.family.Families} finds a {@link dev.assay.family.Family} by its {@code
 * model_type} or by its tensors' names; its {@link dev.assay.family.Anatomy} says where every
 * weight stands.
 */
package dev.assay.family;
