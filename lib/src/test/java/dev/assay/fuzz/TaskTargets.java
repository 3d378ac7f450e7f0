package dev.assay.fuzz;

import dev.assay.calibrate.CalibrationSettings;
import dev.assay.calibrate.CalibrationTexts;
import dev.assay.checkpoint.MemoryFolder;
import dev.assay.evaluate.glue.Glue;
import dev.assay.evaluate.pairs.ParaphraseSet;
import dev.assay.task.Dataset;
import dev.assay.task.Example;
import dev.assay.task.Split;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Texts: every GLUE task, the paraphrase set, plain text. */
final class TaskTargets {
  private static final Pattern FOLDER = Pattern.compile("mem:/model");

  private static final Map<Glue, String> FILES =
      Map.of(
          Glue.SST2,
          "sentence\tlabel\nit 's fine\t1\n\"bad\t0\n",
          Glue.MRPC,
          "\uFEFFQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n1\t7\t8\tA b.\tB a.\r\n"
              + "0\t9\t10\tC.\tÜ.\r\n",
          Glue.RTE,
          "index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\tentailment\n1\tC.\tD.\tnot_entailment\n",
          Glue.QNLI,
          "index\tquestion\tsentence\tlabel\n0\tWho?\tHe.\tentailment\n1\tWhy?\t\tnot_entailment\n",
          Glue.COLA,
          "gj04\t1\t\tIt rains.\ngj04\t0\t*\tRains it the.\n",
          Glue.STSB,
          "index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n"
              + "0\ta\tb\tc\t1\tn\tn\tA plane.\tAn airplane.\t5.000\n"
              + "1\ta\tb\tc\t2\tn\tn\tA man.\tA dog.\t0.25\n",
          Glue.QQP,
          "id\tqid1\tqid2\tquestion1\tquestion2\tis_duplicate\n1\t2\t3\tHow?\tHow so?\t1\nbroken\n"
              + "4\t5\t6\tWho?\tWhy?\t0\n",
          Glue.MNLI,
          mnli(),
          Glue.MNLI_MISMATCHED,
          mnli(),
          Glue.WNLI,
          "index\tsentence1\tsentence2\tlabel\n0\tA.\tB.\t1\n1\tC.\tD.\t0\n\n\n");

  private static String mnli() {
    return "index\tpromptID\tpairID\tgenre\tsentence1_binary_parse\tsentence2_binary_parse"
        + "\tsentence1_parse\tsentence2_parse\tsentence1\tsentence2\tlabel1\tgold_label\n"
        + "0\t1\t2\tfiction\t( A )\t( B )\t(S A)\t(S B)\tA.\tB.\tneutral\tneutral\n"
        + "1\t1\t2\tfiction\t( A )\t( B )\t(S A)\t(S B)\tA.\tB.\tneutral\tcontradiction\n";
  }

  private TaskTargets() {}

  static List<Target> all() {
    List<Target> targets = new ArrayList<>();
    for (Glue task : Glue.values()) {
      targets.add(glue(task));
    }
    targets.add(paraphrases());
    targets.add(text());
    return targets;
  }

  private static Target.Damage tsv() {
    return Damages.bytes(
        "\t",
        "\n",
        "\r\n",
        "\n\n",
        "\t\t",
        "label",
        "sentence",
        "0",
        "1",
        "entailment",
        "5.1",
        "-1",
        "NaN",
        "1e9",
        "\"",
        "test",
        "train",
        "\u0000",
        "\u2028");
  }

  private static Target glue(Glue task) {
    return new Target(
        "glue-" + task,
        FOLDER,
        List.of(FILES.get(task).getBytes(StandardCharsets.UTF_8)),
        tsv(),
        file -> {
          Dataset data = task.read(new MemoryFolder().with(task.file(Split.DEV), file), Split.DEV);
          check(data, task == Glue.SST2 || task == Glue.COLA ? 1 : 2);
          for (Example example : data.examples()) {
            boolean possible =
                task.isRegression()
                    ? example.target() >= 0 && example.target() <= 5
                    : example.label() >= 0 && example.label() < task.labels().size();
            if (!possible) {
              throw new IllegalStateException("No target of " + task + ": " + example);
            }
          }
        });
  }

  private static void check(Dataset data, int texts) {
    Dataset some = data.sample(2, 7);
    if (some.size() > 2 || data.sha256().length() != 64) {
      throw new IllegalStateException("No sample of " + data.size() + ": " + some.size());
    }
    for (Example example : data.examples()) {
      if (example.texts().size() != texts || example.first().indexOf('\t') >= 0) {
        throw new IllegalStateException("No example: " + example);
      }
    }
  }

  private static Target paraphrases() {
    String file =
        "split\tlabel\tsentence1\tsentence2\tsource\ntrain\t1\tA.\tB.\tx\ntrain\t0\tA.\tC.\tx\n"
            + "test\t1\tD.\tE.\ty\ntest\t0\tD.\tF.\ty\ntest\t0\tD.\tG.\ty\ntrain\t1\tD.\tG.\ty\n";
    return new Target(
        "paraphrases",
        FOLDER,
        List.of(file.getBytes(StandardCharsets.UTF_8)),
        tsv(),
        bytes -> {
          ParaphraseSet set =
              ParaphraseSet.read(
                  new MemoryFolder().with("paraphrases.tsv", bytes), "paraphrases.tsv");
          check(set.data(), 2);
          if (set.train().length + set.test().length != set.data().size()) {
            throw new IllegalStateException("A row is in no part of " + set.data());
          }
        });
  }

  private static Target text() {
    CalibrationSettings settings =
        new CalibrationSettings(
            CalibrationSettings.Use.AUTO, "text", "mem:/model", Split.TRAIN, 4, 8, 4, 1, "");
    return new Target(
        "calibration-text",
        FOLDER,
        List.of("One text a line.\n\n  Zwei Zeilen, \u00fc. \r\n".getBytes(StandardCharsets.UTF_8)),
        tsv(),
        file -> {
          CalibrationTexts texts =
              CalibrationTexts.read(
                  settings, new MemoryFolder().with("t.txt", file), CalibrationTexts.Pairs.APART);
          if (texts.texts().isEmpty() || texts.prefixed("p ").texts().contains(List.of("p "))) {
            throw new IllegalStateException("No texts: " + texts);
          }
        });
  }
}
