package dev.latchkey.credential;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * A part of an operator's YAML file, with the line that it begins in. Scalars are texts, whatever they look like: who writes
 * {@code version: 1} and who writes {@code version: "1"} mean the same. Anchors, aliases and merge keys are refused, and so is
 * a name that stands twice, which YAML forbids and most readers let the last one win.
 *
 * @param text of a scalar; null for a map, a list, and a field that says nothing
 * @param fields of a map, in the file's order; else null
 * @param items of a list; else null
 * @param line from 1
 */
record YamlNode(@Nullable String text, @Nullable Map<String, YamlNode> fields, @Nullable List<YamlNode> items, int line) {

    private static final int MAX_DEPTH = 20;
    private static final int MAX_NODES = 10_000;
    private static final YAMLFactory YAML = YAMLFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build()).build();

    /**
     * Reads a whole file.
     *
     * @throws ProviderFault where it is no YAML
     */
    static YamlNode read(byte[] file) {
        try (YAMLParser parser = YAML.createParser(file)) {
            if (parser.nextToken() == null) {
                throw new ProviderFault(1, "", "is empty");
            }
            YamlNode whole = new Reading(parser).node("");
            if (parser.nextToken() != null) {
                throw new ProviderFault(parser.currentTokenLocation().getLineNr(), "",
                        "must be one document, and another one begins here");
            }
            return whole;
        } catch (JsonProcessingException fault) {
            throw new ProviderFault(fault.getLocation() == null ? 1 : Math.max(1, fault.getLocation().getLineNr()), "",
                    "is not valid YAML" + (fault.getCause() instanceof MarkedYAMLException marked ? reason(marked) : ""));
        } catch (MarkedYAMLException fault) {
            throw new ProviderFault(fault.getProblemMark() == null ? 1 : fault.getProblemMark().getLine() + 1, "",
                    "is not valid YAML" + reason(fault));
        } catch (IOException | YAMLException noText) {
            throw new ProviderFault(1, "", "is not YAML in UTF-8");
        }
    }

    private static String reason(MarkedYAMLException fault) {
        return fault.getProblem() == null ? "" : ": " + fault.getProblem().replaceAll("\\s+", " ").strip();
    }

    /** What it is, for people. */
    String kind() {
        return fields != null ? "a map" : items != null ? "a list" : text != null ? "text" : "nothing";
    }

    /** One pass over the tokens. */
    private static final class Reading {

        private final YAMLParser parser;
        private int nodes;

        Reading(YAMLParser parser) {
            this.parser = parser;
        }

        /** What begins at the current token. */
        YamlNode node(String path) throws IOException {
            int line = parser.currentTokenLocation().getLineNr();
            if (parser.isCurrentAlias() || parser.getObjectId() != null) {
                throw new ProviderFault(line, path, "must be written out: anchors and aliases are not followed here");
            }
            if (++nodes > MAX_NODES) {
                throw new ProviderFault(line, path, "is too much for one provider");
            }
            JsonToken token = requireNonNull(parser.currentToken(), "token");
            if (token == JsonToken.START_OBJECT) {
                return map(path, line);
            }
            if (token == JsonToken.START_ARRAY) {
                List<YamlNode> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(node(path + "[" + items.size() + "]"));
                }
                return new YamlNode(null, null, items, line);
            }
            return new YamlNode(token == JsonToken.VALUE_NULL ? null : parser.getText(), null, null, line);
        }

        private YamlNode map(String path, int line) throws IOException {
            Map<String, YamlNode> fields = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                int named = parser.currentTokenLocation().getLineNr();
                String inner = path.isEmpty() ? name : path + "." + name;
                if (name.equals("<<")) {
                    throw new ProviderFault(named, inner, "must be written out: merge keys are not followed here");
                }
                if (fields.containsKey(name)) {
                    throw new ProviderFault(named, inner, "stands there twice");
                }
                parser.nextToken();
                fields.put(name, node(inner));
            }
            return new YamlNode(null, fields, null, line);
        }
    }
}
