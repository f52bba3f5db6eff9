package dev.latchkey;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import dev.latchkey.crypto.Secret;
import dev.latchkey.testing.Beside;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What prints itself into a log by accident prints no secret. */
@Beside
class SecretsTest {

    private static final String CANARY = "c4nary-0f-a-secret";
    private static final Pattern TELLING = Pattern
            .compile("(?i).*(key|token|secret|password|pepper|credential|authorization)");

    /** Texts named like secrets that are none: the short names of organizations, stores and providers. */
    private static final Set<String> NAMES = Set.of("credential.CredentialView$StoreReference.key", "credential.Provider.key",
            "credential.ProviderView.key",
            "credential.ProviderView$Item.key", "event.EventQueries$Stored.storeKey", "webhook.Claimed$Happened.storeKey",
            "event.EventResource$StoreView.key", "identity.Caller$Tenant.key", "key.KeySnapshot$StoreReference.key",
            "panel.SessionView$OrganizationView.key", "panel.SessionView$StoreView.key", "proxy.ProxyTarget$Valid.credential",
            "tenant.OrganizationDeletion$Claimed.key", "tenant.OrganizationForm.key", "tenant.OrganizationView.key",
            "tenant.StoreResource$Edit.key", "tenant.StoreResource$View.key", "webhook.Message$Store.key",
            "webhook.WebhookView$StoreReference.key");

    @Test
    void aRecordThatHoldsASecretPrintsNone() {
        Set<String> printing = new TreeSet<>();
        int looked = 0;
        for (Class<?> type : new ClassFileImporter().withImportOption(new DoNotIncludeTests()).importPackages("dev.latchkey")
                .stream().map(found -> found.reflect()).filter(Class::isRecord).toList()) {
            for (RecordComponent component : type.getRecordComponents()) {
                if (component.getType() == String.class && TELLING.matcher(component.getName()).matches()) {
                    looked++;
                    Object record = instance(type, component.getName());
                    if (record == null || record.toString().contains(CANARY)) {
                        printing.add(type.getName().substring("dev.latchkey.".length()) + "." + component.getName());
                    }
                }
            }
        }

        assertThat(looked).isGreaterThanOrEqualTo(5);
        assertThat(printing).as("records that print a text named like a secret: wrap it in Secret, or say that it is a name")
                .isSubsetOf(NAMES);
    }

    @Test
    void aSecretIsReadOnPurposeOnly() throws Exception {
        Secret secret = Secret.of(CANARY);

        assertThat(secret.reveal()).isEqualTo(CANARY);
        assertThat(List.of(secret, Map.of("key", secret), Optional.of(secret)).toString()).doesNotContain(CANARY)
                .contains("***");
        assertThat(new ObjectMapper().writeValueAsString(Map.of("key", secret))).isEqualTo("{\"key\":\"***\"}");
        assertThat(secret).isEqualTo(Secret.of(CANARY)).isNotEqualTo(Secret.of("another")).isNotEqualTo(CANARY);
    }

    /** One of that type with the canary in that component; null where none can be made. */
    private static @Nullable Object instance(Class<?> type, String component) {
        RecordComponent[] components = type.getRecordComponents();
        List<@Nullable Object> values = new ArrayList<>();
        for (RecordComponent each : components) {
            values.add(each.getName().equals(component) ? CANARY : some(each.getType()));
        }
        try {
            Constructor<?> constructor = type
                    .getDeclaredConstructor(Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            constructor.setAccessible(true);
            return constructor.newInstance(values.toArray());
        } catch (ReflectiveOperationException refused) {
            return null;
        }
    }

    private static @Nullable Object some(Class<?> type) {
        Map<Class<?>, Object> values = Map.of(UUID.class, new UUID(0, 0), Instant.class, Instant.EPOCH, Duration.class,
                Duration.ZERO, List.class, List.of(), Set.class, Set.of(), Map.class, Map.of(), Optional.class,
                Optional.empty(),
                BigDecimal.class, BigDecimal.ZERO, String.class, "some");
        if (type.isPrimitive()) {
            return Array.get(Array.newInstance(type, 1), 0);
        }
        if (type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        return values.get(type);
    }
}
