package dev.latchkey.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBuilder;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.PrometheusRule;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;

/**
 * What kustomize makes of an overlay, as it is committed, read by fabric8's classes. These keep what they do not know, as a
 * server would prune it; here it is refused, so that a misspelled field is found.
 */
final class Rendering {

    static final Path DIRECTORY = Path.of("deploy", "kubernetes");

    private static final Map<String, Class<? extends HasMetadata>> MODELS = Map.of("v1/Namespace", Namespace.class,
            "v1/ServiceAccount", ServiceAccount.class, "v1/ConfigMap", ConfigMap.class, "v1/Service", Service.class,
            "apps/v1/Deployment", Deployment.class, "autoscaling/v2/HorizontalPodAutoscaler", HorizontalPodAutoscaler.class,
            "networking.k8s.io/v1/NetworkPolicy", NetworkPolicy.class, "policy/v1/PodDisruptionBudget",
            PodDisruptionBudget.class, "monitoring.coreos.com/v1/ServiceMonitor", ServiceMonitor.class,
            "monitoring.coreos.com/v1/PrometheusRule", PrometheusRule.class);

    private static final ObjectMapper STRICT = new ObjectMapper(new YAMLFactory())
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .registerModule(new SimpleModule().setDeserializerModifier(new BeanDeserializerModifier() {

                @Override
                public BeanDeserializerBuilder updateBuilder(DeserializationConfig config, BeanDescription description,
                        BeanDeserializerBuilder builder) {
                    builder.setAnySetter(null);
                    return builder;
                }
            }));

    private final List<JsonNode> documents;

    private Rendering(List<JsonNode> documents) {
        this.documents = documents;
    }

    static Path file(String overlay) {
        return DIRECTORY.resolve("rendered").resolve(overlay + ".yaml");
    }

    static Rendering of(String overlay) {
        try {
            return of(Files.readString(file(overlay)), overlay);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Rendering of(String text, String name) throws IOException {
        try (var documents = STRICT.readerFor(JsonNode.class).<JsonNode> readValues(text)) {
            return new Rendering(documents.readAll());
        } catch (IOException e) {
            throw new IOException(name, e);
        }
    }

    List<JsonNode> documents() {
        return documents;
    }

    /** As {@code kind/name}. */
    static String name(JsonNode document) {
        return document.path("kind").asText() + "/" + document.at("/metadata/name").asText();
    }

    /** The document in its model; empty for kinds that have none here. */
    static Optional<HasMetadata> read(JsonNode document) throws IOException {
        Class<? extends HasMetadata> model = MODELS
                .get(document.path("apiVersion").asText() + "/" + document.path("kind").asText());
        return model == null ? Optional.empty() : Optional.of(STRICT.treeToValue(document, model));
    }

    <T extends HasMetadata> List<T> all(Class<T> model) {
        return documents.stream().map(document -> {
            try {
                return read(document);
            } catch (IOException e) {
                throw new UncheckedIOException(name(document), e);
            }
        }).flatMap(Optional::stream).filter(model::isInstance).map(model::cast).toList();
    }

    <T extends HasMetadata> T one(Class<T> model) {
        List<T> found = all(model);
        if (found.size() != 1) {
            throw new AssertionError(model.getSimpleName() + ": " + found.size());
        }
        return found.get(0);
    }

    /** Of a kind that has no model here. */
    JsonNode one(String kind) {
        List<JsonNode> found = documents.stream().filter(document -> document.path("kind").asText().equals(kind)).toList();
        if (found.size() != 1) {
            throw new AssertionError(kind + ": " + found.size());
        }
        return found.get(0);
    }
}
