package dev.latchkey.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Gateways that run in tests, each with the configuration that is shipped for it, changed where its reader would change it. */
public enum GatewayKind {

    /** By {@code auth_request}. */
    NGINX("nginx", "nginx-light", "gateway", "nginx.conf") {

        @Override
        String configured(String text, Ports ports, Path prefix) {
            String placed = replace(text, "server 127.0.0.1:8080;", "server 127.0.0.1:" + ports.latchkey() + ";");
            placed = replace(placed, "server 127.0.0.1:9000;", "server 127.0.0.1:" + ports.backend() + ";");
            placed = replace(placed, "listen 8000;", "listen 127.0.0.1:" + ports.own() + ";");
            placed = replace(placed, "/var/log/nginx/", prefix + "/");
            placed = replace(placed, "pid /run/nginx.pid;", "pid " + prefix + "/nginx.pid;" + asThisUser());
            return replace(placed, "http {", "http {\n" + temporaryPaths(prefix));
        }

        @Override
        public String withReplica(String shipped, int port) {
            return replace(shipped, "server 127.0.0.1:8080;", "server 127.0.0.1:8080;\nserver 127.0.0.1:" + port + ";");
        }

        @Override
        List<String> arguments(Path file, Path prefix) {
            return List.of("-p", prefix.toString(), "-c", file.toString(), "-g", "daemon off;");
        }

        @Override
        public String withHosts(String shipped, Map<String, String> stores, Map<String, String> organizations) {
            return replace(replace(shipped, "# shop.madrid.example madrid;", lines(stores, ";")),
                    "# shop.madrid.example acme;", lines(organizations, ";"));
        }
    },

    /** By a script of our own. */
    HAPROXY("haproxy", "haproxy", "haproxy", "haproxy.cfg") {

        @Override
        String configured(String text, Ports ports, Path prefix) throws IOException {
            Files.copy(DIRECTORY.resolve("latchkey.lua"), prefix.resolve("latchkey.lua"));
            String placed = replace(text, "latchkey1 127.0.0.1:8080", "latchkey1 127.0.0.1:" + ports.latchkey());
            placed = replace(placed, "api1 127.0.0.1:9000", "api1 127.0.0.1:" + ports.backend());
            placed = replace(placed, "bind :8000", "bind 127.0.0.1:" + ports.own());
            placed = replace(placed, "bind abns@latchkey", "bind " + environment(prefix).get("LATCHKEY_SOCKET"));
            return replace(placed, "/etc/haproxy/", prefix + "/");
        }

        @Override
        public String withReplica(String shipped, int port) {
            return replace(shipped, "server latchkey1 127.0.0.1:8080",
                    "server latchkey1 127.0.0.1:8080\n    server latchkey2 127.0.0.1:" + port);
        }

        /** Abstract names are one for the whole machine, where others may run, too. */
        @Override
        Map<String, String> environment(Path prefix) {
            return Map.of("LATCHKEY_SOCKET", "unix@" + prefix.resolve("latchkey.sock"));
        }

        @Override
        List<String> arguments(Path file, Path prefix) {
            return List.of("-db", "-f", file.toString());
        }

        @Override
        public String withHosts(String shipped, Map<String, String> stores, Map<String, String> organizations) {
            return replace(replace(shipped, "#stores ", ""), "#organizations ", "");
        }

        @Override
        void writeHosts(Path prefix, Map<String, String> stores, Map<String, String> organizations) throws IOException {
            Files.writeString(prefix.resolve("stores.map"), lines(stores, ""));
            Files.writeString(prefix.resolve("organizations.map"), lines(organizations, ""));
        }
    },

    /** By what its {@code forward_auth} stands for. */
    CADDY("caddy", "caddy", "caddy", "Caddyfile") {

        @Override
        String configured(String text, Ports ports, Path prefix) {
            String placed = replace(text, "127.0.0.1:8080", "127.0.0.1:" + ports.latchkey());
            placed = replace(placed, "127.0.0.1:9000", "127.0.0.1:" + ports.backend());
            return replace(placed, ":8000 {", ":" + ports.own() + " {\n\tbind 127.0.0.1");
        }

        @Override
        public String withReplica(String shipped, int port) {
            return replace(shipped, "reverse_proxy 127.0.0.1:8080 {", "reverse_proxy 127.0.0.1:8080 127.0.0.1:" + port + " {");
        }

        @Override
        Map<String, String> environment(Path prefix) {
            return Map.of("HOME", prefix.toString(), "XDG_DATA_HOME", prefix.toString(), "XDG_CONFIG_HOME",
                    prefix.toString());
        }

        @Override
        List<String> arguments(Path file, Path prefix) {
            return List.of("run", "--adapter", "caddyfile", "--config", file.toString());
        }

        @Override
        public String withHosts(String shipped, Map<String, String> stores, Map<String, String> organizations) {
            String hosts = Stream.concat(
                    stores.entrySet().stream().map(host -> host.getKey() + " " + host.getValue() + " \"\""),
                    organizations.entrySet().stream().map(host -> host.getKey() + " \"\" " + host.getValue()))
                    .collect(Collectors.joining("\n"));
            return replace(shipped, "# shop.madrid.example madrid acme", hosts);
        }
    };

    private static final Path DIRECTORY = Path.of("deploy", "gateway");

    private final String program;
    private final String debianPackage;
    private final String requirement;
    private final String configuration;

    GatewayKind(String program, String debianPackage, String requirement, String configuration) {
        this.program = program;
        this.debianPackage = debianPackage;
        this.requirement = requirement;
        this.configuration = configuration;
    }

    /** Where the gateway, Latchkey and the API behind it listen. */
    record Ports(int own, int latchkey, int backend) {
    }

    /** The shipped text with addresses and paths of this test. */
    abstract String configured(String text, Ports ports, Path prefix) throws IOException;

    /** The shipped text with a second Latchkey, which listens on that port. */
    public abstract String withReplica(String shipped, int port);

    /** After the program's name. */
    abstract List<String> arguments(Path file, Path prefix);

    /**
     * The maps of the shipped text, filled as their examples show.
     *
     * @param stores store by host
     * @param organizations organization by host
     */
    public abstract String withHosts(String shipped, Map<String, String> stores, Map<String, String> organizations);

    /** Files of {@link #withHosts}, if it names some. */
    void writeHosts(Path prefix, Map<String, String> stores, Map<String, String> organizations) throws IOException {
        // Most have them in the text.
    }

    /** With the commented lines that let preflights pass. */
    public final String withPreflights(String shipped) {
        return replace(shipped, "#cors ", "");
    }

    Map<String, String> environment(Path prefix) {
        return Map.of();
    }

    String program() {
        return program;
    }

    String debianPackage() {
        return debianPackage;
    }

    /** Its name in {@code -Dlatchkey.require}. */
    String requirement() {
        return requirement;
    }

    String shipped() throws IOException {
        return Files.readString(DIRECTORY.resolve(configuration));
    }

    /** The executable, if there is one on this machine. */
    Optional<Path> executable() {
        return Programs.find(program);
    }

    private static String lines(Map<String, String> byHost, String end) {
        return byHost.entrySet().stream().map(host -> host.getKey() + " " + host.getValue() + end + "\n")
                .collect(Collectors.joining());
    }

    /** Workers of a master that is root become nobody, who may not write where this test's files are. */
    private static String asThisUser() {
        return "root".equals(System.getProperty("user.name")) ? "\nuser root;" : "";
    }

    private static String temporaryPaths(Path prefix) {
        return Stream.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
                .map(kind -> kind + "_temp_path " + prefix + "/" + kind + ";\n").collect(Collectors.joining());
    }

    private static String replace(String text, String what, String by) {
        if (!text.contains(what)) {
            throw new IllegalStateException("the shipped configuration no longer holds '" + what + "'");
        }
        return text.replace(what, by);
    }
}
