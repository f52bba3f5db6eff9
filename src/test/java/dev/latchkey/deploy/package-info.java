/** What operators are given: manifests, alerts, gateway configurations, and the tables that describe them. */
@org.jspecify.annotations.NullMarked
package dev.latchkey.deploy;
