/**
 * Recipes of stages: what a stage is, what it works on and may ask, how configuration becomes
 * recipes. A folder for each kind of stage.
 */
package dev.assay.recipe;
