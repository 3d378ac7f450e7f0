package dev.assay.jobs;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Takes what a client creates through Kubernetes' API and answers as the API server does, with the
 * object and an identity; nothing ever runs.
 */
final class ApiRecorder implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Map<String, JsonNode> created = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;

  private ApiRecorder(HttpServer server) {
    this.server = server;
  }

  static ApiRecorder start() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    ApiRecorder recorder = new ApiRecorder(server);
    server.setExecutor(recorder.threads);
    server.createContext("/", recorder::answer);
    server.start();
    return recorder;
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** The only object of a kind that was created. */
  JsonNode only(String kind) {
    return created.values().stream()
        .filter(object -> object.path("kind").asText().equals(kind))
        .reduce(
            (one, other) -> {
              throw new AssertionError("More than one " + kind + ": " + created.keySet());
            })
        .orElseThrow(() -> new AssertionError("No " + kind + ": " + created.keySet()));
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (method.equals("POST") || method.equals("PATCH")) {
        ObjectNode object = (ObjectNode) JSON.readTree(body);
        ObjectNode metadata = (ObjectNode) object.get("metadata");
        metadata.put("uid", UUID.randomUUID().toString()).put("resourceVersion", "1");
        created.put(object.path("kind").asText() + " " + metadata.path("name").asText(), object);
        send(exchange, method.equals("POST") ? 201 : 200, object);
      } else {
        ObjectNode status = JSON.createObjectNode();
        status.put("kind", "Status").put("apiVersion", "v1").put("status", "Failure");
        send(exchange, 404, status.put("code", 404).put("reason", "NotFound"));
      }
    }
  }

  private static void send(HttpExchange exchange, int status, JsonNode answer) throws IOException {
    byte[] bytes = answer.toString().getBytes(UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
