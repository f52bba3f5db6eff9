/** What is measured, by what, and against what: see docs/benchmarks.md. */
@org.jspecify.annotations.NullMarked
package dev.latchkey.bench;
