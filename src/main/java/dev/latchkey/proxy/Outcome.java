package dev.latchkey.proxy;

/** How a request that was to be sent on ended. */
enum Outcome {
    /** The provider's answer was passed on, whatever it was. */
    ANSWERED,
    /** No connection came about. */
    UNREACHABLE,
    /** All of our connections to it were taken: it was not asked. */
    BUSY,
    /** The provider, or the way to it, stood still. */
    TIMEOUT,
    /** The provider's connection broke, before or within its answer. */
    BROKEN,
    /** The caller went, or stood still. */
    LEFT
}
