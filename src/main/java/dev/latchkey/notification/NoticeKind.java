package dev.latchkey.notification;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

/**
 * Everything that people are told of. A new kind is an entry here and its {@code title}, {@code text} and {@code next} in
 * both {@code notification/texts_*.properties}; a name that has been released stays, since organizations choose by it.
 */
public enum NoticeKind {
    ORGANIZATION_SUSPENDED("organization.suspended", Mail.BY_DEFAULT, "/organization"),
    ORGANIZATION_REACTIVATED("organization.reactivated", Mail.BY_DEFAULT, "/organization"),
    ACTIVITY_TAMPERED("activity.tampered", Mail.BY_DEFAULT, "/activity?check=true"),
    KEY_LEAKED("key.leaked", Mail.BY_DEFAULT, "/keys/{id}"),
    KEY_EXPIRING("key.expiring", Mail.BY_DEFAULT, "/keys/{id}"),
    KEY_REACH_CHANGED("key.reach_changed", Mail.BY_DEFAULT, "/keys"),
    CREDENTIAL_FAILING("credential.failing", Mail.BY_DEFAULT, "/credentials/{id}"),
    CREDENTIAL_LIMITED("credential.limited", Mail.ON_REQUEST, "/credentials/{id}"),
    CREDENTIAL_RENEWAL_FAILED("credential.renewal_failed", Mail.BY_DEFAULT, "/credentials/{id}"),
    CREDENTIAL_REAUTHORIZATION_REQUIRED("credential.reauthorization_required", Mail.BY_DEFAULT, "/credentials/{id}"),
    CREDENTIAL_RECOVERED("credential.recovered", Mail.BY_DEFAULT, "/credentials/{id}"),
    WEBHOOK_DISABLED("webhook.disabled", Mail.BY_DEFAULT, "/webhooks/{id}");

    private static final Map<String, NoticeKind> BY_NAME = Arrays.stream(values())
            .collect(Collectors.toUnmodifiableMap(NoticeKind::kindName, Function.identity()));

    private final String kindName;
    private final Mail mail;
    private final String link;

    /** @param link the page of the panel where what is told of can be mended; {@code {id}} stands for the target's id */
    NoticeKind(String kindName, Mail mail, String link) {
        this.kindName = kindName;
        this.mail = mail;
        this.link = link;
    }

    /** The name in the API, in rows and in the texts. */
    public String kindName() {
        return kindName;
    }

    /** The kind of that name; null for one that this version does not know. */
    public static @Nullable NoticeKind of(String kindName) {
        return BY_NAME.get(kindName);
    }

    /** All names, sorted. */
    public static List<String> names() {
        return BY_NAME.keySet().stream().sorted().toList();
    }

    /** The names of what is mailed where an organization has not chosen. */
    public static List<String> mailedByDefault() {
        return Arrays.stream(values()).filter(NoticeKind::isMailedByDefault).map(NoticeKind::kindName).sorted().toList();
    }

    boolean isMailedByDefault() {
        return mail == Mail.BY_DEFAULT;
    }

    String link() {
        return link;
    }

    /** Whether a kind is mailed unless an organization decides otherwise. */
    private enum Mail {
        BY_DEFAULT,
        ON_REQUEST
    }
}
