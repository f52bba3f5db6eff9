package dev.latchkey.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A test with a real nginx. Without one on this machine it is skipped, unless {@code -Dlatchkey.require=gateway} says that it
 * must run: then it fails.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag(NeedsNginx.TAG)
@ExtendWith(NeedsNginx.Condition.class)
public @interface NeedsNginx {

    String TAG = "gateway";

    /** Asked by JUnit. */
    final class Condition implements ExecutionCondition {

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            if (Nginx.executable().isPresent()) {
                return ConditionEvaluationResult.enabled("nginx is installed");
            }
            boolean required = Arrays.asList(System.getProperty("latchkey.require", "").split("[, ]+")).contains(TAG);
            return required ? ConditionEvaluationResult.enabled("-Dlatchkey.require=" + TAG + ": it fails without nginx")
                    : ConditionEvaluationResult.disabled("nginx is not installed (Debian: apt-get install nginx-light)");
        }
    }
}
