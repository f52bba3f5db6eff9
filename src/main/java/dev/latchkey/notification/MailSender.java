package dev.latchkey.notification;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import jakarta.inject.Singleton;

import dev.latchkey.notification.MailOutbox.Claimed;
import dev.latchkey.notification.MailOutbox.Dropped;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.mailer.Mail;
import io.quarkus.mailer.reactive.ReactiveMailer;
import io.quarkus.runtime.Startup;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.mail.SMTPException;
import org.jboss.logging.Logger;

/**
 * Sends the mails of the outbox, where there is a server for them. What fails is tried again later and later. What has waited
 * for a bounded time is given up, tried or not, and what is over by then is not sent at all; an address that the server
 * refuses for good is given up at once. None waits for another. Made at the start, so that settings that cannot work stop it.
 */
@Startup
@Singleton
class MailSender {

    private static final Logger LOG = Logger.getLogger(MailSender.class);
    private static final String METRIC = "latchkey.mails";
    private static final int AT_ONCE = 5;

    /** Mailbox unavailable, not local, name not allowed (RFC 5321 section 4.2.3); other 5xx may be the operator's to mend. */
    private static final Set<Integer> NO_SUCH_ADDRESS = Set.of(550, 551, 553);

    private final MailOutbox outbox;
    private final Smtp smtp;
    private final ReactiveMailer mailer;
    private final NotificationConfig config;
    private final SecureRandom random;
    private final MeterRegistry metrics;

    MailSender(MailOutbox outbox, Smtp smtp, ReactiveMailer mailer, NotificationConfig config, SecureRandom random,
            MeterRegistry metrics) {
        this.outbox = outbox;
        this.smtp = smtp;
        this.mailer = mailer;
        this.config = config;
        this.random = random;
        this.metrics = metrics;
        if (config.mailBatch() < 1 || config.mailTimeout().toSeconds() < 1) {
            throw new ConfigurationException(
                    "LATCHKEY_NOTIFICATION_MAIL_BATCH must be at least 1, and LATCHKEY_NOTIFICATION_MAIL_TIMEOUT PT1S.");
        }
    }

    @Scheduled(every = "${latchkey.notification.mail-every:5s}", concurrentExecution = ConcurrentExecution.SKIP)
    Uni<Void> send() {
        if (!smtp.isConfigured()) {
            return Uni.createFrom().voidItem();
        }
        return Uni.createFrom().deferred(this::batch).repeat().whilst(most -> most == config.mailBatch()).collect().last()
                .onFailure().invoke(fault -> LOG.warnf("mails cannot be claimed now, tried again: cause=%s", fault))
                .onFailure().recoverWithNull().replaceWithVoid();
    }

    /** How many were dropped, or claimed if those are more: a full batch means that there may be another. */
    private Uni<Integer> batch() {
        return outbox.drop(config.mailBatch(), config.mailGiveUp()).invoke(mails -> mails.forEach(this::dropped))
                .flatMap(dropped -> sendBatch().map(claimed -> Math.max(dropped.size(), claimed)));
    }

    /** The lease is as long as all of a batch can take, and once more, for the reports. */
    private Uni<Integer> sendBatch() {
        Duration lease = config.mailTimeout().multipliedBy(2L * (config.mailBatch() / AT_ONCE + 1));
        return outbox.claim(config.mailBatch(), lease).flatMap(mails -> Multi.createFrom().iterable(mails).onItem()
                .transformToUni(this::deliver).merge(AT_ONCE).collect().asList().map(List::size));
    }

    private Uni<Boolean> deliver(Claimed mail) {
        return Uni.createFrom().deferred(() -> mailer.send(write(mail))).ifNoItem().after(config.mailTimeout()).fail()
                .onItemOrFailure().transformToUni((sent, fault) -> fault == null ? sent(mail) : failed(mail, fault))
                .onFailure()
                .invoke(away -> LOG.warnf("a mail's outcome cannot be written, it may be sent again: notification=%s cause=%s",
                        mail.told().id(), away))
                .onItemOrFailure().transform((done, away) -> away == null);
    }

    private Mail write(Claimed mail) {
        MailText text = MailText.of(mail.told());
        // The same for each attempt, so that a reader's mailbox can tell a repetition; nobody's vacation notice answers it.
        return Mail.withHtml(mail.address(), text.subject(), text.html()).setText(text.text())
                .addHeader("Message-ID", "<" + mail.told().id() + "." + Integer.toHexString(mail.address().hashCode())
                        + "@latchkey>")
                .addHeader("Auto-Submitted", "auto-generated")
                .addHeader("Content-Language", Texts.in(mail.told().locale()).locale().getLanguage());
    }

    private Uni<Void> sent(Claimed mail) {
        metrics.counter(METRIC, "result", "sent").increment();
        return outbox.done(mail);
    }

    private void dropped(Dropped mail) {
        if (mail.over()) {
            metrics.counter(METRIC, "result", "obsolete").increment();
            LOG.infof("a mail is not sent, since what it tells of is over: kind=%s notification=%s attempts=%d", mail.kind(),
                    mail.notification(), mail.attempts());
        } else {
            givenUp(mail.kind(), mail.notification(), mail.attempts(), "it has waited too long");
        }
    }

    private void givenUp(String kind, UUID notification, int attempts, String cause) {
        metrics.counter(METRIC, "result", "given_up").increment();
        LOG.warnf("a mail is given up, the list of notifications still tells it: kind=%s notification=%s attempts=%d cause=%s",
                kind, notification, attempts, cause);
    }

    private Uni<Void> failed(Claimed mail, Throwable fault) {
        if (isRefused(fault)) {
            givenUp(mail.told().kind().kindName(), mail.told().id(), mail.attempt(), "the server refuses the address");
            return outbox.done(mail);
        }
        metrics.counter(METRIC, "result", "failed").increment();
        Duration delay = delay(mail.attempt());
        LOG.warnf("a mail could not be sent, tried again: kind=%s notification=%s attempt=%d in=%s cause=%s",
                mail.told().kind().kindName(), mail.told().id(), mail.attempt(), delay, fault);
        return outbox.retry(mail, delay);
    }

    /** Twice as long each time, up to the bound, less up to a half by chance, so that not all come at once when it is back. */
    private Duration delay(int attempt) {
        double full = Math.min(config.mailRetryAtMost().toMillis(),
                config.mailRetry().toMillis() * Math.pow(2, attempt - 1.0));
        return Duration.ofMillis((long) (full * (0.5 + random.nextDouble() / 2)));
    }

    private static boolean isRefused(Throwable fault) {
        for (Throwable cause = fault; cause != null; cause = cause.getCause()) {
            if (cause instanceof SMTPException answer && NO_SUCH_ADDRESS.contains(answer.getReplyCode())) {
                return true;
            }
        }
        return false;
    }
}
