#!/usr/bin/env bash
#
# What a pod of Spark runs: `driver` and spark-submit's arguments, or `executor` and what Spark put
# into its environment.

set -euo pipefail

java=${JAVA_HOME:+$JAVA_HOME/bin/}java
jars="$SPARK_HOME/jars/*"

case ${1:-} in
  driver)
    shift
    # Spark's launcher prints the JVM's command after a NUL and a line end, each word ended by a NUL.
    launcher() {
      local status=0
      "$java" -Xmx128m -cp "$jars" org.apache.spark.launcher.Main org.apache.spark.deploy.SparkSubmit \
        --conf "spark.driver.bindAddress=$SPARK_DRIVER_BIND_ADDRESS" \
        --conf "spark.executorEnv.SPARK_DRIVER_POD_IP=$SPARK_DRIVER_BIND_ADDRESS" \
        --deploy-mode client "$@" || status=$?
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
    ;;
  executor)
    options=()
    number=0
    option=SPARK_JAVA_OPT_0
    while [ -n "${!option+set}" ]; do
      options+=("${!option}")
      number=$((number + 1))
      option=SPARK_JAVA_OPT_$number
    done
    exec "$java" ${options[@]+"${options[@]}"} "-Xms$SPARK_EXECUTOR_MEMORY" "-Xmx$SPARK_EXECUTOR_MEMORY" \
      -cp "${SPARK_CONF_DIR:-$SPARK_HOME/conf}:${SPARK_CLASSPATH:+$SPARK_CLASSPATH:}$jars" \
      org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend \
      --driver-url "$SPARK_DRIVER_URL" \
      --executor-id "$SPARK_EXECUTOR_ID" \
      --cores "$SPARK_EXECUTOR_CORES" \
      --app-id "$SPARK_APPLICATION_ID" \
      --hostname "$SPARK_EXECUTOR_POD_IP" \
      --resourceProfileId "$SPARK_RESOURCE_PROFILE_ID" \
      --podName "$SPARK_EXECUTOR_POD_NAME"
    ;;
  *)
    echo "A pod of Spark runs 'driver' or 'executor', not '${1:-}'." >&2
    exit 2
    ;;
esac
