#!/bin/sh
# Runs inside the booted kernel as root (see tests/TdxRelease.AcceptanceTests/Host/RealKernelTests.cs).
# One line for each scenario: RESULT <exit code> <version or ENXIO>; the updater's words stand before it.
apply() {
  tdx-module-update apply "$@"
  code=$?
  version=$(cat /sys/devices/faux/tdx_host/version 2>/dev/null) || version=ENXIO
  echo "RESULT $code $version"
}

case $(cat /scenario) in
  two-steps) apply --policy smallest/default && tdx-module-update status --json ;;
  plain) apply ;;
  again) apply && apply && cat /sys/class/firmware/tdx_module/error ;;
  refused)
    # What the header check of the kernel refuses never passes ours, so the kernel gets it from a dd that spoils the stream.
    mkdir -p /shim
    printf '#!/bin/sh\nexec /bin/dd bs=4096 count=3\n' >/shim/dd
    chmod +x /shim/dd
    PATH=/shim:$PATH
    # Under dash: busybox's shell takes its own dd, whatever PATH says.
    dash /usr/sbin/tdx-module-update apply
    echo "RESULT $? $(cat /sys/devices/faux/tdx_host/version)" ;;
  one-cpu)
    echo 0 >/sys/devices/system/cpu/cpu1/online
    apply
    echo 1 >/sys/devices/system/cpu/cpu1/online
    apply ;;
  two-at-once)
    tdx-module-update apply 2>/first &
    while [ "$(cat /sys/class/firmware/tdx_module/status)" = idle ]; do sleep 0.02; done
    apply
    wait $!
    echo "FIRST $?"
    cat /first
    cat /sys/devices/faux/tdx_host/version ;;
  killed)
    # Killed between 1 and 0: the next run must drop what was left.
    echo 1 >/sys/class/firmware/tdx_module/loading
    head -c 20000 /dev/zero >/sys/class/firmware/tdx_module/data
    apply ;;
esac
exit 0
