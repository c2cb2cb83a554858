import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/*
 * Reads what is in Kafka with Kafka's own client, for a judge that shares no code with what it judges.
 * Usage: java -cp <jars> JudgeReader.java <bootstrap>, then a command a line on standard input:
 *   read <regex>              every record of these topics:  R topic partition offset timestamp headers value
 *   ends <regex>              how many records they have:    N count
 *   watch <regex>             from now on, in the background: the first record of each new epoch as soon as it can be read:
 *                             E epoch wall-clock-ms instance topic partition offset silence-ms
 *   double <topic> <offset>   plants: writes a record of partition 0 once more
 *   trim <topic> <offset>     plants: deletes the records of partition 0 before the offset
 * Each answer ends with a line ". " and what was read, or "! " and the error. Columns are separated by tabs; values are in
 * Base64, "-" for none; headers as a query string, those longer than 2,000 bytes left out.
 */
public class JudgeReader {
  static final int LONGEST_HEADER = 2_000;
  static final Duration PATIENCE = Duration.ofSeconds(60);
  static PrintStream out;
  static String bootstrap;

  public static void main(String[] args) throws Exception {
    bootstrap = args[0];
    out = new PrintStream(new java.io.BufferedOutputStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), 1 << 20), false, StandardCharsets.UTF_8);
    say("ready");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ");
      try {
        say(". " + run(words));
      } catch (Exception error) {
        say("! " + error);
      }
    }
    System.exit(0);
  }

  static Object run(String[] words) throws Exception {
    switch (words[0]) {
      case "read": return read(words[1]);
      case "ends": return ends(words[1]);
      case "watch": return watch(words[1]);
      case "double": return twice(words[1], Long.parseLong(words[2]));
      case "trim": return trim(words[1], Long.parseLong(words[2]));
      default: throw new IllegalArgumentException(words[0]);
    }
  }

  static synchronized void say(String line) {
    out.print(line);
    out.print('\n');
    out.flush();
  }

  static KafkaConsumer<byte[], byte[]> consumer() {
    Properties p = new Properties();
    p.put("bootstrap.servers", bootstrap);
    p.put("enable.auto.commit", "false");
    p.put("auto.offset.reset", "earliest");
    p.put("isolation.level", "read_uncommitted");
    p.put("max.poll.records", "20000");
    p.put("fetch.max.bytes", "20000000");
    p.put("fetch.max.wait.ms", "20");
    p.put("reconnect.backoff.max.ms", "500");
    p.put("default.api.timeout.ms", "60000");
    return new KafkaConsumer<>(p, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  static List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer, String regex) {
    Pattern pattern = Pattern.compile(regex);
    List<TopicPartition> found = new ArrayList<>();
    for (Map.Entry<String, List<PartitionInfo>> topic : consumer.listTopics(PATIENCE).entrySet())
      if (pattern.matcher(topic.getKey()).matches())
        for (PartitionInfo info : topic.getValue()) found.add(new TopicPartition(topic.getKey(), info.partition()));
    return found;
  }

  static long read(String regex) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      List<TopicPartition> all = partitions(consumer, regex);
      Map<TopicPartition, Long> left = new HashMap<>(consumer.endOffsets(all, PATIENCE));
      consumer.assign(all);
      consumer.seekToBeginning(all);
      left.entrySet().removeIf(entry -> entry.getValue() == 0);
      long count = 0;
      long quietSince = System.currentTimeMillis();
      while (!left.isEmpty()) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          print(record);
          count += 1;
          quietSince = System.currentTimeMillis();
        }
        // By position, since the last records of a compacted topic may be gone.
        left.entrySet().removeIf(entry -> consumer.position(entry.getKey(), PATIENCE) >= entry.getValue());
        if (System.currentTimeMillis() - quietSince > 60_000) throw new IllegalStateException("nothing more comes of " + left);
      }
      return count;
    }
  }

  static void print(ConsumerRecord<byte[], byte[]> r) {
    StringBuilder headers = new StringBuilder();
    for (Header header : r.headers()) {
      byte[] value = header.value();
      if (value == null || value.length > LONGEST_HEADER) continue;
      if (headers.length() > 0) headers.append('&');
      headers.append(encoded(header.key())).append('=').append(encoded(new String(value, StandardCharsets.UTF_8)));
    }
    String value = r.value() == null ? "-" : Base64.getEncoder().encodeToString(r.value());
    out.print("R\t" + r.topic() + '\t' + r.partition() + '\t' + r.offset() + '\t' + r.timestamp() + '\t' + headers + '\t' + value + '\n');
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  static String ends(String regex) {
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      long sum = 0;
      for (long end : consumer.endOffsets(partitions(consumer, regex), PATIENCE).values()) sum += end;
      say("N\t" + sum);
      return "1";
    }
  }

  /** Follows the topics in a thread of its own. */
  static String watch(String regex) {
    Thread thread = new Thread(() -> {
      try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
        List<TopicPartition> all = partitions(consumer, regex);
        consumer.assign(all);
        consumer.seekToEnd(all);
        for (TopicPartition one : all) consumer.position(one, PATIENCE);
        say("W\t" + all.size());
        long newest = -1;
        long seen = System.currentTimeMillis();
        for (;;) {
          for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(50))) {
            long now = System.currentTimeMillis();
            Header epoch = record.headers().lastHeader("epoch");
            long number = epoch == null ? 0 : Long.parseLong(new String(epoch.value(), StandardCharsets.UTF_8));
            if (number > newest) {
              newest = number;
              Header instance = record.headers().lastHeader("instance");
              String name = instance == null ? "-" : new String(instance.value(), StandardCharsets.UTF_8);
              say("E\t" + number + '\t' + now + '\t' + name + '\t' + record.topic() + '\t' + record.partition() + '\t' + record.offset() + '\t' + (now - seen));
            }
            seen = now;
          }
        }
      } catch (Exception error) {
        say("X\t" + error);
      }
    });
    thread.setDaemon(true);
    thread.start();
    return "0";
  }

  static String twice(String topic, long offset) throws Exception {
    ConsumerRecord<byte[], byte[]> record = null;
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      TopicPartition partition = new TopicPartition(topic, 0);
      consumer.assign(List.of(partition));
      consumer.seek(partition, offset);
      for (long begun = System.currentTimeMillis(); record == null && System.currentTimeMillis() - begun < 30_000; )
        for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofMillis(200))) if (record == null) record = each;
    }
    Properties p = new Properties();
    p.put("bootstrap.servers", bootstrap);
    p.put("acks", "all");
    try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(p, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(topic, 0, record.timestamp(), record.key(), record.value(), record.headers())).get();
    }
    return "1";
  }

  static String trim(String topic, long offset) throws Exception {
    Properties p = new Properties();
    p.put("bootstrap.servers", bootstrap);
    try (Admin admin = Admin.create(p)) {
      admin.deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(offset))).all().get();
    }
    return "1";
  }
}
