package dev.latchkey.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * A test with a real gateway. Without that one on this machine it is skipped, unless {@code -Dlatchkey.require} says that it
 * must run ({@code gateway} for nginx, {@code haproxy}, {@code caddy}): then it fails.
 */
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Tag(NeedsGateway.TAG)
@ExtendWith(NeedsGateway.Condition.class)
public @interface NeedsGateway {

    String TAG = "gateway";

    /** Which one. */
    GatewayKind value();

    /** Asked by JUnit. */
    final class Condition implements ExecutionCondition {

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return AnnotationSupport.findAnnotation(context.getElement(), NeedsGateway.class).map(NeedsGateway::value)
                    .map(kind -> Tool.judge(kind.executable().isPresent(), kind.requirement(), kind.program(),
                            kind.debianPackage()))
                    .orElseGet(() -> ConditionEvaluationResult.enabled("needs no gateway"));
        }
    }
}
