package dev.latchkey.key;

import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Collectors;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.latchkey.catalog.Text;
import dev.latchkey.web.ProblemException;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * Why a key is worth a look, what is most urgent first: in this order the findings about one key are listed. Texts have places
 * for what {@link ReviewFinding} puts in.
 */
@Schema(name = "KeyReviewReason")
enum ReviewReason {
    @JsonProperty("expiring-soon")
    EXPIRING_SOON("expiring-soon",
            new Text("Expires at %s; from then on every request with it is refused.",
                    "Caduca el %s; a partir de entonces se rechazan todas sus peticiones."),
            new Text("Replace its token by one that lasts longer; the old one works until it expires.",
                    "Sustituir su token por uno que dure más; el anterior funciona hasta que caduque.")),
    @JsonProperty("shared")
    SHARED("shared",
            new Text("Used from %s networks in the last %d days: several may share it.",
                    "Usada desde %s redes en los últimos %d días: puede que varios la compartan."),
            new Text("Allow it from the networks that it was used from, and from nowhere else.",
                    "Permitirla desde las redes desde las que se ha usado y desde ninguna más.")),
    @JsonProperty("never-used")
    NEVER_USED("never-used",
            new Text("Made %d days ago, and never used.", "Creada hace %d días y nunca usada."),
            new Text("Revoke it: nobody can miss it.", "Revocarla: nadie puede echarla de menos.")),
    @JsonProperty("unused-90-days")
    UNUSED_90_DAYS("unused-90-days",
            new Text("Last used %d days ago.", "Usada por última vez hace %d días."),
            new Text("Deactivate it; it can be activated again if somebody misses it.",
                    "Desactivarla; se puede volver a activar si alguien la echa de menos.")),
    @JsonProperty("older-than-policy")
    OLDER_THAN_POLICY("older-than-policy",
            new Text("Has had the same token for %d days; your organization wants it replaced after %d.",
                    "Tiene el mismo token desde hace %d días; su organización quiere que se sustituya a los %d."),
            new Text("Replace its token; the old one works for another week.",
                    "Sustituir su token; el anterior funciona una semana más.")),
    @JsonProperty("no-expiry")
    NO_EXPIRY("no-expiry",
            new Text("Never expires: whoever has got a copy can use it for ever.",
                    "No caduca nunca: quien haya obtenido una copia puede usarla para siempre."),
            new Text("Let it expire as your organization's policy has it, counted from now.",
                    "Hacer que caduque según la política de su organización, contando desde ahora.")),
    @JsonProperty("all-stores-but-uses-one")
    ALL_STORES_BUT_USES_ONE("all-stores-but-uses-one",
            new Text("Reaches every store, and was used for %s alone in the last %d days.",
                    "Alcanza todas las tiendas y en los últimos %2$d días solo se ha usado para %1$s."),
            new Text("Limit it to the store that it is used for.", "Limitarla a la tienda para la que se usa.")),
    @JsonProperty("unused-scopes")
    UNUSED_SCOPES("unused-scopes",
            new Text("Has scopes that it did not use in the last %2$d days: %1$s.",
                    "Tiene permisos que no ha usado en los últimos %2$d días: %1$s."),
            new Text("Leave it the scopes that it uses.", "Dejarle los permisos que usa."));

    /** What is done about a shared key of which not all networks are known, or which makes keys: it keeps its networks. */
    static final Text HAND_OVER = new Text(
            "Replace its token, and hand the new one to those who are to have it; the old one works for another week.",
            "Sustituir su token y entregar el nuevo a quienes deban tenerlo; el anterior funciona una semana más.");

    /** What is found of a key that several integrations share, and what is done about it. */
    static final Text BOUND = new Text(
            "Bound to %d integrations: whoever gets hold of it in one can use the credentials of all.",
            "Vinculada a %d integraciones: quien se haga con ella en una puede usar las credenciales de todas.");
    static final Text UNBIND = new Text(
            "Take it out of the integration that was made last; give that one a key of its own first, or it stops.",
            "Quitarla de la integración creada en último lugar; dele antes a esta una clave propia, o dejará de funcionar.");

    /** From when on a key that nobody has used is a finding: some are made for a launch that takes its time. */
    static final Duration UNUSED_SINCE_CREATION = Duration.ofDays(30);
    /** How long a key has not been used. */
    static final Duration UNUSED = Duration.ofDays(90);
    /** As the first notification; where the organization's policy is shorter than twice that, half of the policy. */
    static final Duration SOON = Duration.ofDays(14);
    /** For how long use has to be known before anything is said of what a key does not use. */
    static final Duration KNOWN = Duration.ofDays(30);
    /** How far back use counts: a job may run once in a quarter. */
    static final Duration LOOKED_BACK = Duration.ofDays(90);
    /** In which networks are counted. */
    static final Duration NETWORKS_WITHIN = Duration.ofDays(30);
    /** So many networks are more than an office, a data centre and a few people's homes. */
    static final int MANY_NETWORKS = 10;

    private final String text;
    private final Text detail;
    private final Text advice;

    ReviewReason(String text, Text detail, Text advice) {
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

    /** Called by Jakarta REST. */
    public static ReviewReason fromString(String text) {
        for (ReviewReason reason : values()) {
            if (reason.text.equals(text)) {
                return reason;
            }
        }
        throw ProblemException.invalid("reason",
                "must be one of " + Arrays.stream(values()).map(ReviewReason::text).collect(Collectors.joining(", ")));
    }

    /** Of a row of the query. */
    static ReviewReason of(String text) {
        return Arrays.stream(values()).filter(reason -> reason.text.equals(text)).findFirst().orElseThrow();
    }
}
