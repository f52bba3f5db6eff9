package dev.latchkey.credential;

import java.util.Arrays;
import java.util.stream.Collectors;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.latchkey.catalog.Text;
import dev.latchkey.web.ProblemException;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Why a credential is worth a look; of one credential the most urgent first. */
@Schema(name = "CredentialReviewReason")
enum CredentialFinding {
    @JsonProperty("expiring-soon")
    EXPIRING_SOON("expiring-soon",
            new Text("Ends on %s, and nothing renews it.", "Termina el %s y nada la renueva."),
            new Text("Replace what ends by its successor.", "Sustituir lo que termina por su sucesor.")),
    @JsonProperty("older-than-policy")
    OLDER_THAN_POLICY("older-than-policy",
            new Text("Has had the same secret for %d days; your organization wants it replaced after %d.",
                    "Tiene el mismo secreto desde hace %d días; su organización quiere que se sustituya a los %d."),
            new Text("Make a new secret at the provider, and replace the old one by it.",
                    "Crear un secreto nuevo en el proveedor y sustituir con él el anterior.")),
    @JsonProperty("unbound")
    UNBOUND("unbound",
            new Text("No active integration uses it.", "Ninguna integración activa la usa."),
            new Text("Delete it, unless an integration is to use it.",
                    "Eliminarla, salvo que la vaya a usar una integración.")),
    @JsonProperty("unused")
    UNUSED("unused",
            new Text("Nobody has used it for %d days.", "Nadie la ha usado desde hace %d días."),
            new Text("Take it out of the integration, and delete it if nobody misses it.",
                    "Quitarla de la integración y eliminarla si nadie la echa de menos."));

    private final String text;
    private final Text detail;
    private final Text advice;

    CredentialFinding(String text, Text detail, Text advice) {
        this.text = text;
        this.detail = detail;
        this.advice = advice;
    }

    /** As the contract has it. */
    String text() {
        return text;
    }

    /** What was found. */
    Text detail() {
        return detail;
    }

    /** What the action does. */
    Text advice() {
        return advice;
    }

    /** Of a row of the query. */
    static CredentialFinding of(String text) {
        return Arrays.stream(values()).filter(finding -> finding.text.equals(text)).findFirst().orElseThrow();
    }

    /** Called by Jakarta REST. */
    public static CredentialFinding fromString(String text) {
        return Arrays.stream(values()).filter(finding -> finding.text.equals(text)).findFirst()
                .orElseThrow(() -> ProblemException.invalid("reason", "must be one of "
                        + Arrays.stream(values()).map(CredentialFinding::text).collect(Collectors.joining(", "))));
    }
}
