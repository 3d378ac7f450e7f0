#!/usr/bin/env bash
#
# Runs a command of Assay on Spark; `./submit.sh help` says how, docs/running.md says where.
# Works with bash 3.2 (macOS). Standard output carries nothing but the command's data.

set -euo pipefail

usage() {
  cat <<'USAGE'
Usage: ./submit.sh [spark-submit options] COMMAND [CONF] [key=value ...]

Commands:
  sweep CONF [key=value ...]   run every recipe over every weight matrix, append to the tables
  plan  CONF [key=value ...]   print cells, FLOPs, bytes, memory and time; reads headers only
  sql   OUT "SELECT ..."       query the tables under OUT [format=table|csv|json]
  sql   OUT file=QUESTION.sql  the same from a file, such as those of notebooks-export/
  compact OUT [sweep=NAME]     merge the tables' small files, remove what killed runs have left
  export OUT recipe=NAME to=DIR [sweep=NAME] [model-name=NAME]
                               write a compressed model as a Hugging Face directory
  finetune model=DIR task=NAME data=DIR to=DIR [seed=0 ...]
                               teach an encoder a GLUE task: a Hugging Face classifier
  methods                      the methods that a grid can name, with parameters and citations
  help  [COMMAND]              this text, or the options of one command

CONF is a HOCON file (see conf/); key=value overrides it: 'recipes=[{method=dense}]'.

spark-submit options come before COMMAND and mean what they mean to spark-submit:
  --master URL  --deploy-mode MODE  --conf KEY=VALUE  --driver-memory 8g  --jars ...  and the rest.
Without --master it runs on this machine's cores, local[*].

Environment:
  JAVA_HOME           a JDK 17 or 21 (else the java on PATH)
  SPARK_HOME          a Spark 4.2 built with Scala 2.13 to use instead of the embedded one
  SPARK_CONF_DIR      Spark's configuration; conf/ beside this script for the embedded Spark
  ASSAY_SKIP_BUILD=1  never build; fail when the application jar is missing

Exit status: 0 all done; 2 bad input; 3 finished with failed cells; 130, 143 stopped by a signal; 1 anything else.
USAGE
}

say() { printf 'assay: %s\n' "$*" >&2; }

fail() {
  say "$@"
  exit 2
}

# The repository, also when this script is reached through a link.
here() {
  local self=${BASH_SOURCE[0]} link
  while [ -L "$self" ]; do
    link=$(readlink "$self")
    case $link in
      /*) self=$link ;;
      *) self=$(dirname "$self")/$link ;;
    esac
  done
  cd -P "$(dirname "$self")" && pwd
}

ASSAY_HOME=$(here)
export ASSAY_HOME
target=$ASSAY_HOME/jobs/target
app=$target/assay.jar
embedded=$target/spark
plugin=dev.assay.jobs.cluster.NativePlugin

# ---- the command line ---------------------------------------------------------------------------

spark_args=()   # spark-submit's options as given, but for those merged with Assay's own below
jars=''         # --jars
files=''        # --files
plugins=''      # --conf spark.plugins
conf_jars=''    # --conf spark.jars
conf_files=''   # --conf spark.files
master=''
deploy_mode=''
properties_file=''
load_defaults=''

# What an option of spark-submit takes: value, flag, class or none (not an option of spark-submit).
kind_of() {
  case $1 in
    --class) echo class ;;
    --master | --deploy-mode | --name | --jars | --packages | --repositories | --exclude-packages | \
      --py-files | --files | --archives | --conf | -c | --properties-file | --driver-memory | \
      --driver-java-options | --driver-library-path | --driver-class-path | --executor-memory | \
      --proxy-user | --driver-cores | --total-executor-cores | --executor-cores | --num-executors | \
      --principal | --keytab | --queue) echo value ;;
    --supervise | --verbose | -v | --load-spark-defaults) echo flag ;;
    *) echo none ;;
  esac
}

take_conf() {
  case $1 in
    spark.plugins=*) plugins=${1#*=} ;;
    spark.jars=*) conf_jars=${1#*=} ;;
    spark.files=*) conf_files=${1#*=} ;;
    *=*)
      case $1 in
        spark.master=*) [ -n "$master" ] || master=${1#*=} ;;
        spark.submit.deployMode=*) [ -n "$deploy_mode" ] || deploy_mode=${1#*=} ;;
      esac
      spark_args+=(--conf "$1")
      ;;
    *) fail "--conf takes KEY=VALUE, not '$1'." ;;
  esac
}

take_value() {
  case $1 in
    --jars) jars=$2 ;;
    --files) files=$2 ;;
    --conf | -c) take_conf "$2" ;;
    *)
      case $1 in
        --master) master=$2 ;;
        --deploy-mode) deploy_mode=$2 ;;
        --properties-file)
          [ -r "$2" ] || fail "$2: the --properties-file cannot be read."
          properties_file=$2
          ;;
      esac
      spark_args+=("$1" "$2")
      ;;
  esac
}

closest() {
  awk -v word="$1" 'BEGIN {
    count = split("sweep plan sql compact export finetune methods help", names, " "); best = 3
    for (i = 1; i <= count; i++) {
      n = length(word); m = length(names[i])
      for (a = 0; a <= n; a++) for (b = 0; b <= m; b++) {
        if (a == 0 || b == 0) { d[a, b] = a + b; continue }
        cost = d[a - 1, b - 1] + (substr(word, a, 1) != substr(names[i], b, 1))
        if (d[a - 1, b] + 1 < cost) cost = d[a - 1, b] + 1
        if (d[a, b - 1] + 1 < cost) cost = d[a, b - 1] + 1
        d[a, b] = cost
      }
      if (d[n, m] < best) { best = d[n, m]; answer = names[i] }
    }
    print answer
  }'
}

while [ $# -gt 0 ]; do
  case $1 in
    -h | --help)
      usage
      exit 0
      ;;
    -*) ;;
    *) break ;;
  esac
  option=${1%%=*}
  case $(kind_of "$option") in
    class) fail "--class is not yours to choose: submit.sh always runs Assay's own main class." ;;
    flag)
      [ "$option" = "$1" ] || fail "$option takes no value."
      [ "$option" != --load-spark-defaults ] || load_defaults=yes
      spark_args+=("$option")
      shift
      ;;
    value)
      if [ "$option" != "$1" ]; then
        take_value "$option" "${1#*=}"
        shift
      else
        [ $# -ge 2 ] || fail "$option needs a value."
        take_value "$option" "$2"
        shift 2
      fi
      ;;
    *) fail "$1 is not an option of spark-submit. './submit.sh help' shows how to call it." ;;
  esac
done

command=${1:-help}
[ $# -eq 0 ] || shift
case $command in
  sweep | plan | sql | compact | export | finetune | methods) ;;
  help)
    if [ $# -eq 0 ]; then
      usage
      exit 0
    fi
    ;;
  *)
    if [ -f "$command" ]; then
      fail "'$command' is a file, not a command. Did you mean './submit.sh sweep $command'?"
    fi
    meant=$(closest "$command")
    [ -z "$meant" ] || meant=" Did you mean '$meant'?"
    fail "Unknown command '$command'.$meant Commands: sweep, plan, sql, compact, export, finetune, methods, help."
    ;;
esac
for argument in "$@"; do
  case $argument in
    -*)
      if [ "$(kind_of "${argument%%=*}")" != none ]; then
        fail "$argument is an option of spark-submit: put it before '$command'."
      fi
      ;;
  esac
done

# ---- Java ---------------------------------------------------------------------------------------

if [ -n "${JAVA_HOME:-}" ]; then
  java=$JAVA_HOME/bin/java
  [ -x "$java" ] || fail "JAVA_HOME is $JAVA_HOME, where there is no bin/java. Set it to a JDK 17 or 21."
else
  java=$(command -v java || true)
  [ -n "$java" ] || fail "There is no java on PATH and JAVA_HOME is not set. Install a JDK 17 or 21 (https://adoptium.net)."
fi
java_version=$("$java" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p' | head -n 1 || true)
case $java_version in
  17 | 17[.-]* | 21 | 21[.-]*) ;;
  *)
    fail "Java 17 or 21 is needed, but $java is ${java_version:-no Java that tells its version}." \
      "Set JAVA_HOME to a JDK 17 or 21 (https://adoptium.net)."
    ;;
esac

# ---- the build ----------------------------------------------------------------------------------

# Succeeds when something is missing or a source is newer; a removed source makes its folder newer.
stale() {
  local sources
  [ -f "$app" ] && [ -d "$target/natives" ] && [ -f "$embedded/RELEASE" ] || return 0
  sources=$(cd "$ASSAY_HOME" &&
    find pom.xml lib/pom.xml jobs/pom.xml lib/src/main jobs/src/main -newer "$app" | head -n 1)
  [ -n "$sources" ]
}

build() {
  local lock=$target/.building log=$target/build.log owner
  if [ -n "${JAVA_HOME:-}" ]; then
    [ -x "$JAVA_HOME/bin/javac" ] || fail "Building needs a JDK, but $JAVA_HOME has no bin/javac."
  else
    command -v javac > /dev/null || fail "Building needs a JDK, but there is no javac on PATH beside $java."
  fi
  mkdir -p "$target"
  # Several submits may start together; one builds, the others wait for it.
  local waited=0
  while ! mkdir "$lock" 2> /dev/null; do
    [ -d "$lock" ] || fail "$target is not writable, and the build is not up to date."
    [ "$waited" != 2 ] || say "waiting for another build in this folder (lock: $lock)"
    owner=$(cat "$lock/pid" 2> /dev/null || true)
    if { [ -n "$owner" ] && ! ps -p "$owner" > /dev/null; } || { [ -z "$owner" ] && [ "$waited" -ge 10 ]; }; then
      # Its build is gone. Of those who see that one moves it away, and looks whether it still was that one.
      if mv "$lock" "$lock.$$" 2> /dev/null; then
        if [ "$(cat "$lock.$$/pid" 2> /dev/null || true)" = "$owner" ]; then
          rm -rf "$lock.$$"
        else
          mv "$lock.$$" "$lock"
        fi
      fi
    else
      sleep 1
      waited=$((waited + 1))
    fi
  done
  trap 'rm -rf "$target/.building"' EXIT
  echo $$ > "$lock/pid"
  if stale; then
    if [ -f "$app" ]; then
      say "sources changed, building (log: $log)"
    else
      say "building; the first time Maven downloads about 800 MB (log: $log)"
    fi
    if ! (cd "$ASSAY_HOME" && ./mvnw -B -ntp -Dmaven.test.skip=true package) > "$log" 2>&1 < /dev/null; then
      grep -E '^\[ERROR\]|^Error|^wget|^curl|^[^[]*cannot' "$log" | head -n 30 >&2 || true
      say "the build failed; all of its output is in $log"
      exit 1
    fi
  fi
  rm -rf "$lock"
  trap - EXIT
}

if [ "${ASSAY_SKIP_BUILD:-}" != 1 ] && [ -d "$ASSAY_HOME/lib/src/main" ]; then
  if stale; then
    build
  fi
fi
[ -f "$app" ] || fail "$app is missing. Build it: ./mvnw -B -DskipTests package"

# Maven copies jars and removes none: after a change of versions two of a kind would lie there.
for library in "$embedded/jars/spark-core_" "$embedded/jars/hadoop-client-api-" "$target/natives/openblas-" \
  "$target/natives/pytorch-"; do
  found=("$library"*.jar)
  [ ${#found[@]} -le 1 ] ||
    fail "${found[0]} and ${found[1]}: an older build's jar beside a newer one's. Run ./mvnw clean, then submit again."
done

# ---- Spark --------------------------------------------------------------------------------------

spark_home=''

# Takes a Spark home if it is Spark 4.2 with Scala 2.13, else says why not.
consider() {
  local home=$1 found=$2 jar core=''
  for jar in "$home"/jars/spark-core_*.jar; do
    [ ! -f "$jar" ] || core=$(basename "$jar")
  done
  case $core in
    spark-core_2.13-4.2.*.jar)
      if [ -x "$home/bin/spark-submit" ]; then
        spark_home=$home
      else
        say "$found is not used: it has no bin/spark-submit. Using the embedded Spark."
      fi
      ;;
    '') say "$found is not used: $home/jars holds no spark-core jar. Using the embedded Spark." ;;
    *)
      say "$found is not used: it holds $core, and Assay needs Spark 4.2 with Scala 2.13." \
        "Using the embedded Spark."
      ;;
  esac
}

if [ -n "${SPARK_HOME:-}" ]; then
  [ "$SPARK_HOME" = "$embedded" ] || consider "$SPARK_HOME" "SPARK_HOME=$SPARK_HOME"
else
  found=$(command -v spark-submit || true)
  if [ -n "$found" ]; then
    program=$found
    while [ -L "$program" ]; do
      link=$(readlink "$program")
      case $link in
        /*) program=$link ;;
        *) program=$(dirname "$program")/$link ;;
      esac
    done
    consider "$(cd -P "$(dirname "$program")/.." && pwd)" "$found"
  fi
fi
if [ -n "$spark_home" ]; then
  export SPARK_HOME=$spark_home
else
  [ -f "$embedded/RELEASE" ] || fail "$embedded is missing. Build it: ./mvnw -B -DskipTests package"
  export SPARK_HOME=$embedded
  export SPARK_SCALA_VERSION=2.13
  export SPARK_CONF_DIR=${SPARK_CONF_DIR:-$ASSAY_HOME/conf}
  if [ -f "$SPARK_CONF_DIR/spark-env.sh" ]; then
    set -a
    # shellcheck disable=SC1091
    . "$SPARK_CONF_DIR/spark-env.sh"
    set +a
  fi
fi

case $command in
  help | methods) exec "$java" -cp "$app:$SPARK_HOME/jars/*" dev.assay.jobs.Main "$command" "$@" ;;
esac

# ---- what Assay adds to the options -------------------------------------------------------------

# The value of a key in a file of Spark properties, nothing where it is not set.
property_in() {
  [ -r "$2" ] || return 0
  awk -v key="$1" '{
    sub(/^[ \t]+/, "")
    if (index($0, key) != 1) next
    rest = substr($0, length(key) + 1)
    if (rest !~ /^[ \t=:]/) next
    sub(/^[ \t]*[=:]?[ \t]*/, "", rest)
    sub(/[ \t\r]+$/, "", rest)
    value = rest
  } END { print value }' "$2"
}

# A property from the files that spark-submit is going to read.
property() {
  local value=''
  if [ -n "$properties_file" ]; then
    value=$(property_in "$1" "$properties_file")
  fi
  if [ -z "$value" ] && { [ -z "$properties_file" ] || [ -n "$load_defaults" ]; }; then
    value=$(property_in "$1" "${SPARK_CONF_DIR:-$SPARK_HOME/conf}/spark-defaults.conf")
  fi
  printf '%s' "$value"
}

# Its arguments with commas between, without the empty ones.
joined() {
  local result='' list
  for list in "$@"; do
    [ -z "$list" ] || result=${result:+$result,}$list
  done
  printf '%s' "$result"
}

[ -n "$master" ] || master=$(property spark.master)
[ -n "$deploy_mode" ] || deploy_mode=$(property spark.submit.deployMode)
[ -n "$plugins" ] || plugins=$(property spark.plugins)
[ -n "$jars" ] || jars=${conf_jars:-$(property spark.jars)}
[ -n "$files" ] || files=$conf_files

natives=''
for jar in "$target"/natives/*.jar; do
  [ ! -f "$jar" ] || natives=$(joined "$natives" "$jar")
done
case ",$plugins," in
  *",$plugin,"*) ;;
  *) plugins=$(joined "$plugin" "$plugins") ;;
esac

case $master in
  yarn*)
    # Another Spark's own spark-env.sh may still set it.
    if [ -z "$spark_home" ] && [ -z "${HADOOP_CONF_DIR:-}${YARN_CONF_DIR:-}" ]; then
      fail "--master $master: set HADOOP_CONF_DIR to the folder with the cluster's core-site.xml and yarn-site.xml."
    fi
    ;;
esac

# A driver on the cluster does not see this machine's files: send CONF along, call it by its name.
if [ "$deploy_mode" = cluster ] && [ "$command" != sql ] && [ $# -gt 0 ] && [ -f "$1" ]; then
  case $master in
    spark://*) ;; # Spark offers no way to place a file before the driver starts
    *)
      files=$(joined "${files:-$(property spark.files)}" "$1")
      conf_name=$(basename "$1")
      shift
      set -- "$conf_name" "$@"
      ;;
  esac
fi

# One BLAS thread per task: OpenBLAS's own threads beside Spark's slow both down.
export OPENBLAS_NUM_THREADS=${OPENBLAS_NUM_THREADS:-1}
# A driver on the cluster does not inherit this environment.
case $deploy_mode,$master in
  cluster,k8s:*) driver_environment=spark.kubernetes.driverEnv ;;
  cluster,yarn*) driver_environment=spark.yarn.appMasterEnv ;;
  *) driver_environment='' ;;
esac
if [ -n "$driver_environment" ]; then
  spark_args=(--conf "$driver_environment.OPENBLAS_NUM_THREADS=1" ${spark_args[@]+"${spark_args[@]}"})
fi

set -- \
  --class dev.assay.jobs.Main \
  --conf "spark.app.name=Assay $command" \
  --conf spark.executorEnv.OPENBLAS_NUM_THREADS=1 \
  ${spark_args[@]+"${spark_args[@]}"} \
  --conf "spark.plugins=$plugins" \
  --jars "$(joined "$natives" "$jars")" \
  "$app" "$command" "$@"
if [ -n "$files" ]; then
  set -- --files "$files" "$@"
fi

# Java cannot tell whether its standard error alone is a terminal, where a line can be redrawn.
if [ -t 2 ]; then
  export ASSAY_TERMINAL=1
else
  export ASSAY_TERMINAL=0
fi

# ---- the launch ---------------------------------------------------------------------------------

if [ -n "$spark_home" ]; then
  exec "$SPARK_HOME/bin/spark-submit" "$@"
fi

# What bin/spark-class does: Spark's launcher works out the JVM's command (memory, options, class
# path) and prints it after a NUL and a line end, its words ended by NULs, its exit status last.
launcher() {
  local status=0
  # shellcheck disable=SC2086
  "$java" -Xmx128m ${SPARK_LAUNCHER_OPTS:-} -cp "$SPARK_HOME/jars/*" \
    org.apache.spark.launcher.Main org.apache.spark.deploy.SparkSubmit "$@" || status=$?
  printf '%d\0' "$status"
}

words=()
while IFS= read -r -d '' word; do
  words+=("$word")
done < <(launcher "$@")
last=$((${#words[@]} - 1))
[ "${words[$last]}" = 0 ] || exit 1
words[1]=${words[1]#$'\n'}
exec "${words[@]:1:$((last - 1))}"
