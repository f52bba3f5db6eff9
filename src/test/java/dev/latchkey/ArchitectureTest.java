package dev.latchkey;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.core.domain.properties.HasParameterTypes.Predicates.rawParameterTypes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URL;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.tngtech.archunit.core.domain.JavaClass.Predicates;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.latchkey.web.Idempotency;
import dev.latchkey.web.Idempotent;
import io.quarkus.hibernate.reactive.panache.PanacheEntityBase;
import io.vertx.core.net.NetClient;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** The walls of the house: the table of docs/architecture.md, bottom up. */
@AnalyzeClasses(packages = "dev.latchkey", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    /** From the ground to the roof; a package of a later entry may use those of its own and earlier ones. */
    private static final List<List<String>> TIERS = List.of(List.of("web", "crypto", "net"), List.of("identity"),
            List.of("activity", "event", "replica"), List.of("tenant", "catalog", "integration", "notification"),
            List.of("key", "credential", "webhook"), List.of("panel", "proxy"), List.of("boot"));

    @ArchTest
    static void lowerTiersNeverUseHigherOnes(JavaClasses house) {
        var layers = layeredArchitecture().consideringOnlyDependenciesInLayers().withOptionalLayers(true);
        for (int tier = 0; tier < TIERS.size(); tier++) {
            layers = layers.layer("tier " + tier)
                    .definedBy(TIERS.get(tier).stream().map(name -> "dev.latchkey." + name + "..").toArray(String[]::new));
        }
        for (int tier = 0; tier < TIERS.size(); tier++) {
            String[] above = Stream.iterate(tier + 1, next -> next < TIERS.size(), next -> next + 1).map(next -> "tier " + next)
                    .toArray(String[]::new);
            layers = above.length == 0 ? layers.whereLayer("tier " + tier).mayNotBeAccessedByAnyLayer()
                    : layers.whereLayer("tier " + tier).mayOnlyBeAccessedByLayers(above);
        }
        layers.check(house);
    }

    @ArchTest
    static final ArchRule featuresAtTheCoreNeverUseEachOther = slices().matching("dev.latchkey.(key|credential|webhook)..")
            .should().notDependOnEachOther().allowEmptyShould(true);

    @ArchTest
    static final ArchRule packagesFormNoCircle = slices().matching("dev.latchkey.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule everyClassStandsInAKnownRoom = classes().should().resideInAnyPackage(
            TIERS.stream().flatMap(List::stream).map(name -> "dev.latchkey." + name + "..").toArray(String[]::new));

    @ArchTest
    static final ArchRule cryptographyStaysInItsRoom = noClasses().that().resideOutsideOfPackage("dev.latchkey.crypto..")
            .should()
            .dependOnClassesThat().resideInAPackage("javax.crypto..");

    @ArchTest
    static final ArchRule onlyNetOpensConnectionsToTheOutside = noClasses().that().resideOutsideOfPackage("dev.latchkey.net..")
            .should().dependOnClassesThat(resideInAPackage("java.net.http..").or(resideInAPackage("io.vertx..client..")
                    .and(Predicates.simpleNameContaining("WebClient"))));

    /**
     * Streaming needs the types of a client's requests, hence calls are what is looked for. The mailer and the drivers of the
     * database open their own; they go where the operator says.
     */
    @ArchTest
    static final ArchRule onlyNetMakesClients = noClasses().that().resideOutsideOfPackage("dev.latchkey.net..").should()
            .callMethodWhere(target(nameMatching("create(Http|Net|Dns|WebSocket)Client|httpClientBuilder|createDatagramSocket"))
                    .and(target(owner(resideInAPackage("io.vertx..")))))
            .orShould().callMethodWhere(target(nameMatching("openConnection|openStream|getContent"))
                    .and(target(owner(assignableTo(URL.class)))))
            .orShould().callConstructorWhere(target(owner(resideInAPackage("io.netty.bootstrap.."))))
            .orShould().callConstructorWhere(target(owner(assignableTo(Socket.class))))
            .orShould().callMethodWhere(target(name("connect")).and(target(owner(assignableTo(NetClient.class)))))
            .orShould().callMethodWhere(target(name("open")).and(target(owner(assignableTo(SocketChannel.class)))));

    @ArchTest
    static final ArchRule timeIsInjected = noClasses().should().callMethod(Instant.class, "now").orShould()
            .callMethod(System.class, "currentTimeMillis").orShould().callMethod(Clock.class, "systemUTC").orShould()
            .callMethod(OffsetDateTime.class, "now").orShould().callMethod(LocalDateTime.class, "now").orShould()
            .callMethod(ZonedDateTime.class, "now");

    /** Replicas whose clocks differ must judge alike: {@code VerdictTime} is what keys are judged and written by. */
    @ArchTest
    static final ArchRule keysAreJudgedByTheDatabasesTime = noClasses().that().resideInAPackage("dev.latchkey.key..").and()
            .haveSimpleNameNotStartingWith("Usage").and().haveSimpleNameNotStartingWith("Import").and()
            .doNotHaveSimpleName("VerdictTime").and().doNotHaveFullyQualifiedName("dev.latchkey.key.ImportRun$Tools").should()
            .dependOnClassesThat().areAssignableTo(InstantSource.class);

    @ArchTest
    static final ArchRule nothingIsAwaitedOutsideTheStart = noClasses().that().resideOutsideOfPackage("dev.latchkey.boot..")
            .should().callMethod(io.smallrye.mutiny.Uni.class, "await");

    @ArchTest
    static final ArchRule whoeverWritesIsNotCancelledByACallerWhoHangsUp = methods().that()
            .areAnnotatedWith(jakarta.ws.rs.POST.class).or().areAnnotatedWith(jakarta.ws.rs.PATCH.class).or()
            .areAnnotatedWith(jakarta.ws.rs.PUT.class).or().areAnnotatedWith(jakarta.ws.rs.DELETE.class).should()
            .beDeclaredInClassesThat().areAnnotatedWith(Cancellable.class);

    /** Otherwise the framework tries every reader that it has, and a text becomes an error of ours. */
    @ArchTest
    static final ArchRule whoeverTakesABodySaysOfWhatType = methods().that()
            .areAnnotatedWith(jakarta.ws.rs.POST.class).or().areAnnotatedWith(jakarta.ws.rs.PATCH.class).or()
            .areAnnotatedWith(jakarta.ws.rs.PUT.class).should()
            .beDeclaredInClassesThat().areAnnotatedWith(jakarta.ws.rs.Consumes.class);

    /** {@code ReactiveDeleteCoordinator} keeps the stage of a deletion in a field that all sessions share. */
    @ArchTest
    static final ArchRule rowsAreDeletedByStatements = noClasses().should().callMethodWhere(
            target(name("delete")).and(target(owner(assignableTo(PanacheEntityBase.class))))
                    .and(target(rawParameterTypes(new Class<?>[0]))));

    @ArchTest
    static void whatIsDoneOnceKeepsItsBodyAndIsDocumented(JavaClasses house) {
        Set<String> callers = house.get(Idempotency.class).getMethodCallsToSelf().stream()
                .filter(call -> call.getName().equals("once")).map(call -> call.getOrigin().getFullName())
                .collect(Collectors.toSet());
        Set<String> annotated = house.stream().flatMap(type -> type.getMethods().stream())
                .filter(method -> method.isAnnotatedWith(Idempotent.class)).map(JavaMethod::getFullName)
                .collect(Collectors.toSet());

        assertThat(callers).isNotEmpty().isEqualTo(annotated);
    }

    @ArchTest
    static final ArchRule namesSayWhatThingsAre = noClasses().should().haveSimpleNameEndingWith("Manager").orShould()
            .haveSimpleNameEndingWith("Helper").orShould().haveSimpleNameEndingWith("Util").orShould()
            .haveSimpleNameEndingWith("Utils").orShould().haveSimpleNameEndingWith("Impl").orShould()
            .haveSimpleNameEndingWith("DTO");

    @Test
    void everyPackageSaysWhatLivesThereAndIsNullMarked() throws IOException {
        try (Stream<Path> rooms = Files.list(Path.of("src/main/java/dev/latchkey"))) {
            for (Path room : rooms.filter(Files::isDirectory).toList()) {
                Path said = room.resolve("package-info.java");
                assertThat(said).as("every room has a sign").exists();
                assertThat(Files.readString(said)).as(said.toString()).startsWith("/**")
                        .contains(NullMarked.class.getSimpleName());
            }
        }
    }
}
