package io.sterna;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * The arrows between modules, as ARCHITECTURE.md draws them. It stands here because this module has the others on its
 * class path; changing a rule is an architecture decision.
 */
@AnalyzeClasses(packages = "io.sterna", importOptions = DoNotIncludeTests.class)
class ModuleBoundariesTest {
    private static final String STORE = "io.sterna.store..";
    private static final String AMQP = "io.sterna.amqp..";
    private static final String CLUSTER = "io.sterna.cluster..";
    private static final String BROKER = "io.sterna.broker..";
    private static final String BENCH = "io.sterna.bench..";

    @ArchTest
    static final ArchRule storeStandsAlone = noClasses()
            .that()
            .resideInAPackage(STORE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(AMQP, CLUSTER, BROKER);

    @ArchTest
    static final ArchRule storeKnowsNoNetwork = noClasses()
            .that()
            .resideInAPackage(STORE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx..", "io.netty..", "java.net..");

    @ArchTest
    static final ArchRule protocolStandsAlone = noClasses()
            .that()
            .resideInAPackage(AMQP)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(STORE, CLUSTER, BROKER);

    @ArchTest
    static final ArchRule clusterKnowsNoBroker = noClasses()
            .that()
            .resideInAPackage(CLUSTER)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(BROKER);

    /** Replicas and coordinators are state machines; whoever ties them to the world does so in a package below. */
    @ArchTest
    static final ArchRule clusterDecidesWithoutInputAndOutput = noClasses()
            .that()
            .resideInAPackage("io.sterna.cluster")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.vertx..", "io.netty..", "java.net..", "java.io..", "java.nio..", "java.util.concurrent..");

    @ArchTest
    static final ArchRule nobodyUsesTheBenchmarks = noClasses()
            .that()
            .resideOutsideOfPackage(BENCH)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(BENCH);

    @ArchTest
    static final ArchRule protonStaysInTheProtocol = noClasses()
            .that()
            .resideOutsideOfPackage(AMQP)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.qpid.proton..");

    @ArchTest
    static final ArchRule protonsEngineIsNotUsed = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.qpid.proton.engine..", "org.apache.qpid.proton.reactor..");

    @ArchTest
    static final ArchRule mvstoreStaysInTheStore = noClasses()
            .that()
            .resideOutsideOfPackage(STORE)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.h2..");

    @ArchTest
    static final ArchRule queuesKnowNoNetwork = noClasses()
            .that()
            .resideInAPackage("io.sterna.broker.queue..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.vertx..", "io.netty..", "java.net..", "java.io..", "java.nio.file..");

    @ArchTest
    static final ArchRule partsOfTheBrokerHaveNoCycles =
            slices().matching("io.sterna.broker.(*)..").should().beFreeOfCycles();
}
