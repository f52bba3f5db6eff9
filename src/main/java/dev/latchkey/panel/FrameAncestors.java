package dev.latchkey.panel;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import jakarta.inject.Singleton;

import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;

/**
 * {@code LATCHKEY_PANEL_FRAME_ANCESTORS}, read: which pages may show the panel in a frame. Made at the start, so that one which
 * cannot be read stops it; what is dangerous in one that can is refused before ({@code boot.UnsafeSettings}).
 */
@Startup
@Singleton
final class FrameAncestors {

    /** A host source of CSP3 (section 2.3.1) without a path: nothing in it can begin another directive. */
    private static final Pattern SOURCE = Pattern
            .compile("https?://(\\*\\.)?[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?(:\\d{1,5})?");

    private final List<String> sources;

    FrameAncestors(PanelConfig config) {
        this.sources = config.panel().frameAncestors().orElse(List.of()).stream()
                .flatMap(entry -> Stream.of(entry.strip().split("\\s+"))).filter(source -> !source.isEmpty()).toList();
        for (String source : sources) {
            if (!SOURCE.matcher(source).matches()) {
                throw new ConfigurationException("LATCHKEY_PANEL_FRAME_ANCESTORS: \"" + source
                        + "\" is no origin such as https://shop.example or https://*.shop.example, without a path.");
            }
        }
    }

    boolean areAny() {
        return !sources.isEmpty();
    }

    /** The value of the directive {@code frame-ancestors}. */
    String directive() {
        return areAny() ? String.join(" ", sources) : "'none'";
    }
}
