package dev.latchkey.catalog;

import org.jspecify.annotations.Nullable;

/**
 * What of an OpenAPI document is kept, from its root down: where operations are, what they are called and what they demand.
 * Schemas, parameters, examples and answers, which are nearly all of a document, are passed over while it is read. That bounds
 * the depth of what is kept, too.
 */
enum Shape {
    DOCUMENT {
        @Override
        @Nullable
        Shape field(String name) {
            return switch (name) {
                case "openapi", "swagger" -> SCALAR;
                case "servers" -> SERVERS;
                case "tags" -> TAGS;
                case "security" -> SECURITY;
                case "paths" -> PATHS;
                case "components" -> COMPONENTS;
                default -> null;
            };
        }
    },
    COMPONENTS {
        @Override
        @Nullable
        Shape field(String name) {
            return switch (name) {
                case "pathItems" -> PATHS;
                case "securitySchemes" -> SCHEMES;
                default -> null;
            };
        }
    },
    PATHS {
        @Override
        @Nullable
        Shape field(String name) {
            return name.startsWith("x-") ? null : PATH_ITEM;
        }
    },
    PATH_ITEM {
        @Override
        @Nullable
        Shape field(String name) {
            return switch (name) {
                case "$ref" -> SCALAR;
                case "servers" -> SERVERS;
                case "get", "put", "post", "delete", "options", "head", "patch", "trace" -> OPERATION;
                case "summary", "description", "parameters" -> null;
                // Kept, to be complained of: a mistyped method would be an operation that nobody protects.
                default -> name.startsWith("x-") ? null : SCALAR;
            };
        }
    },
    OPERATION {
        @Override
        @Nullable
        Shape field(String name) {
            return switch (name) {
                case "tags" -> NAMES;
                case "summary", "description", "operationId" -> SCALAR;
                case "security" -> SECURITY;
                case "servers" -> SERVERS;
                default -> null;
            };
        }
    },
    SERVERS {
        @Override
        Shape item() {
            return SERVER;
        }
    },
    SERVER {
        @Override
        @Nullable
        Shape field(String name) {
            return switch (name) {
                case "url" -> SCALAR;
                case "variables" -> VARIABLES;
                default -> null;
            };
        }
    },
    VARIABLES {
        @Override
        Shape field(String name) {
            return VARIABLE;
        }
    },
    VARIABLE {
        @Override
        @Nullable
        Shape field(String name) {
            return name.equals("default") ? SCALAR : null;
        }
    },
    TAGS {
        @Override
        Shape item() {
            return TAG;
        }
    },
    TAG {
        @Override
        @Nullable
        Shape field(String name) {
            return switch (name) {
                case "name", "description", "x-displayName" -> SCALAR;
                default -> null;
            };
        }
    },
    SECURITY {
        @Override
        Shape item() {
            return REQUIREMENT;
        }
    },
    REQUIREMENT {
        @Override
        Shape field(String name) {
            return NAMES;
        }
    },
    SCHEMES {
        @Override
        Shape field(String name) {
            return SCHEME;
        }
    },
    SCHEME {
        @Override
        @Nullable
        Shape field(String name) {
            return switch (name) {
                case "$ref", "type" -> SCALAR;
                case "flows" -> FLOWS;
                default -> null;
            };
        }
    },
    FLOWS {
        @Override
        Shape field(String name) {
            return FLOW;
        }
    },
    FLOW {
        @Override
        @Nullable
        Shape field(String name) {
            return name.equals("scopes") ? SCOPES : null;
        }
    },
    SCOPES {
        @Override
        Shape field(String name) {
            return SCALAR;
        }
    },
    NAMES {
        @Override
        Shape item() {
            return SCALAR;
        }
    },
    SCALAR;

    /** What is kept of a field of an object; null: nothing. */
    @Nullable
    Shape field(String name) {
        return null;
    }

    /** What is kept of the items of a list; null: nothing. */
    @Nullable
    Shape item() {
        return null;
    }
}
