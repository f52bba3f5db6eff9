package dev.latchkey.testing;

import java.util.List;
import java.util.Locale;
import java.util.Map;

import jakarta.mail.internet.MimeMessage;

import com.icegreen.greenmail.Managers;
import com.icegreen.greenmail.mail.MailAddress;
import com.icegreen.greenmail.server.AbstractServer;
import com.icegreen.greenmail.smtp.SmtpManager;
import com.icegreen.greenmail.smtp.SmtpServer;
import com.icegreen.greenmail.smtp.SmtpState;
import com.icegreen.greenmail.user.GreenMailUser;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import org.jspecify.annotations.Nullable;

/**
 * A real SMTP server that the application under test is configured with, behind a {@link Relay} that a test can cut. Refuses
 * addresses of the domain {@link #NOWHERE} for good.
 */
public final class MailServer implements QuarkusTestResourceLifecycleManager {

    public static final String NOWHERE = "nowhere.example";
    public static final String SENDER = "latchkey@platform.example";

    private @Nullable GreenMail server;
    private @Nullable Relay relay;

    /** Where a test wants the server: a field of type {@link MailServer}. */
    @java.lang.annotation.Retention(java.lang.annotation.RetentionPolicy.RUNTIME)
    @java.lang.annotation.Target(java.lang.annotation.ElementType.FIELD)
    public @interface Running {
    }

    @Override
    public Map<String, String> start() {
        GreenMail started = new Refusing(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        started.start();
        server = started;
        Relay between = Relay.to(started.getSmtp().getPort());
        relay = between;
        return Map.of("quarkus.mailer.host", "127.0.0.1",
                "quarkus.mailer.port", Integer.toString(between.port()),
                "quarkus.mailer.from", SENDER,
                "latchkey.notification.mail-every", "1s",
                "latchkey.notification.mail-retry", "PT0.2S",
                "latchkey.notification.mail-retry-at-most", "PT1S");
    }

    @Override
    public void inject(TestInjector tests) {
        tests.injectIntoFields(this, new TestInjector.AnnotatedAndMatchesType(Running.class, MailServer.class));
    }

    /** From now on nobody reaches it. */
    public void cut() {
        running(relay).cut();
    }

    /** It can be reached again. */
    public void restore() {
        running(relay).restore();
    }

    /** Everything that has arrived for that address. */
    public List<MimeMessage> mailsTo(String address) {
        String wanted = address.toLowerCase(Locale.ROOT);
        return running(server).findReceivedMessages((GreenMailUser user) -> user.getEmail().equals(wanted), mail -> true)
                .toList();
    }

    private static <T> T running(@Nullable T part) {
        if (part == null) {
            throw new IllegalStateException("the mail server has not been started");
        }
        return part;
    }

    @Override
    public void stop() {
        if (relay != null) {
            relay.close();
        }
        if (server != null) {
            server.stop();
        }
    }

    /** GreenMail takes every address; a real server knows which there are. */
    private static final class Refusing extends GreenMail {

        Refusing(ServerSetup setup) {
            super(setup);
        }

        @Override
        protected Map<String, AbstractServer> createServices(ServerSetup[] setups, Managers managers) {
            SmtpManager picky = new SmtpManager(managers.getImapHostManager(), managers.getUserManager()) {
                @Override
                public @Nullable String checkRecipient(SmtpState state, MailAddress address) {
                    return address.getEmail().endsWith("@" + NOWHERE) ? "550 5.1.1 No such user here"
                            : super.checkRecipient(state, address);
                }
            };
            ServerSetup setup = setups[0];
            return Map.of(setup.getProtocol(), new SmtpServer(setup, new Managers() {
                @Override
                public SmtpManager getSmtpManager() {
                    return picky;
                }
            }));
        }
    }
}
