package dev.latchkey.notification;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import org.junit.jupiter.api.Test;

class SmtpTest {

    @Test
    void onlyAServerThatSomeoneNamedCounts() {
        assertThat(smtp("quarkus.mailer.host", "smtp.example").isConfigured()).isTrue();
        assertThat(smtp("quarkus.mailer.port", "25").isConfigured()).as("the mailer's own default").isFalse();
    }

    private static Smtp smtp(String name, String value) {
        return new Smtp(new SmallRyeConfigBuilder().withDefaultValue("quarkus.mailer.host", "localhost")
                .withSources(new PropertiesConfigSource(Map.of(name, value), "test", 300)).build());
    }
}
