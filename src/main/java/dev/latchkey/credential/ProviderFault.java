package dev.latchkey.credential;

/** What is wrong with a provider's file, for the operator who wrote it. Has no stack trace: it is an answer, not a fault. */
final class ProviderFault extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param line from 1
     * @param field its path, such as {@code types[0].placement.in}; empty for the whole file
     * @param reason what is wrong and what to write instead, as a sentence fragment
     */
    ProviderFault(int line, String field, String reason) {
        super("line " + line + ", " + (field.isEmpty() ? "the file" : field) + ": " + reason, null, false, false);
    }
}
