#!/bin/bash
# A Kubernetes of one node on this machine, for as long as this script runs: kubernetes_cluster.sh
# DIR makes the image "localhost/drover", writes DIR/kubeconfig, logs, and DIR/ready once pods can
# run. All of it lives in namespaces of its own and goes with them. The node says that it has 64
# cores; there are twelve volumes of 20 GiB, their files in DIR/lib/volumes; there is no registry.
# Needs root, and what tests/deploy/kubernetes/build_kubernetes.sh makes.
set -euo pipefail
cd "$(dirname "$0")/../.." # where Bazel has the files
dir=$1
cgroup=${3:-drover-$$}
node=${4:-10.78.$(($$ % 250)).2} # its address; this host has .1
kubernetes=$(tests/deploy/kubernetes/build_kubernetes.sh --where)
export PATH=$kubernetes/bin:$PATH:/usr/sbin:/sbin KUBECONFIG=$dir/kubeconfig

run() { # run NAME COMMAND …: in the background
  "${@:2}" >"$dir/$1.log" 2>&1 &
}
await() { until "$@" >/dev/null 2>&1; do sleep 0.1; done; }

# What a node's programs take for the machine's.
make_machine() {
  mount --make-rprivate /
  mkdir -p "$dir"/{lib/volumes,log,machine,cores,nodes,cores/cpu{0..63}}
  mount --bind "$dir/lib" /var/lib
  mount --bind "$dir/log" /var/log
  mount -t tmpfs run /run
  mount --bind "$dir/cores" /sys/devices/system/cpu
  mount --bind "$dir/nodes" /sys/devices/system/node
  # The kubelet would set these of the real one.
  local name value
  while read -r name value; do
    echo "$value" >"$dir/machine/${name//\//.}"
    mount --bind "$dir/machine/${name//\//.}" "/proc/sys/$name"
  done <<END
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
END
  ip link set lo up
  await ip link show eth0
  ip address add "$node/30" dev eth0
  ip link set eth0 up
  echo 1 >/proc/sys/net/ipv4/ip_forward
  echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
}

write_configs() {
  mkdir -p /run/{cni,hosts}
  cat >/run/cni/pods.conflist <<END
{"cniVersion": "0.4.0", "name": "pods", "plugins": [{"type": "bridge", "bridge": "cni0",
 "isGateway": true, "hairpinMode": true, "ipam": {"type": "host-local", "subnet": "10.79.0.0/24",
 "routes": [{"dst": "0.0.0.0/0"}]}}]}
END
  cat >/run/containerd.toml <<END
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:latest"
  restrict_oom_score_adj = true # not every root may lower it
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/run/cni"
END
  echo "test,admin,1,system:masters" >/run/tokens
  openssl genrsa -out /run/accounts.key 2048 2>/dev/null
  touch /run/resolv.conf # of no use to pods: nothing outside can be reached
  cat >"$KUBECONFIG" <<END
apiVersion: v1
kind: Config
clusters: [{name: test, cluster: {server: "https://$node:6443", insecure-skip-tls-verify: true}}]
users: [{name: admin, user: {token: test}}]
contexts: [{name: test, context: {cluster: test, user: admin}}]
current-context: test
END
}

start_control_plane() {
  run etcd etcd --data-dir /run/etcd
  run kube-apiserver kube-apiserver --etcd-servers=http://127.0.0.1:2379 --cert-dir=/run/apiserver \
    --advertise-address="$node" --service-cluster-ip-range=10.96.0.0/16 \
    --token-auth-file=/run/tokens --service-account-issuer=https://kubernetes.default.svc \
    --service-account-key-file=/run/accounts.key \
    --service-account-signing-key-file=/run/accounts.key \
    --kubelet-preferred-address-types=InternalIP
  await kubectl get --raw /readyz
  run kube-controller-manager kube-controller-manager --kubeconfig="$KUBECONFIG" \
    --leader-elect=false --bind-address=127.0.0.1 --cert-dir=/run/controllers \
    --service-account-private-key-file=/run/accounts.key --flex-volume-plugin-dir=/run/plugins
  run kube-scheduler kube-scheduler --kubeconfig="$KUBECONFIG" --leader-elect=false \
    --bind-address=127.0.0.1
}

start_node() {
  run kubelet kubelet --kubeconfig="$KUBECONFIG" --hostname-override=node --node-ip="$node" \
    --container-runtime=remote \
    --container-runtime-endpoint=unix:///run/containerd/containerd.sock \
    --cgroup-driver=cgroupfs --cgroup-root="/$cgroup" --authorization-mode=AlwaysAllow \
    --cluster-dns="$node" --cluster-domain=cluster.local --resolv-conf=/run/resolv.conf \
    --eviction-hard='memory.available<50Mi,nodefs.available<1%,imagefs.available<1%' \
    --image-gc-high-threshold=100 --image-gc-low-threshold=99 --fail-swap-on=false \
    --serialize-image-pulls=false --volume-plugin-dir=/run/plugins
  # It sets nothing of the real machine's table of connections.
  run kube-proxy kube-proxy --kubeconfig="$KUBECONFIG" --hostname-override=node \
    --proxy-mode=iptables --cluster-cidr=10.79.0.0/24 --conntrack-max-per-core=0 \
    --conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0
}

# The names of Services, which a real cluster has CoreDNS for.
start_names() {
  run dnsmasq dnsmasq --keep-in-foreground --conf-file=/dev/null --user=root \
    --no-hosts --no-resolv --listen-address="$node" --bind-interfaces --local=/cluster.local/ \
    --hostsdir=/run/hosts
  run names kubectl get services --all-namespaces --watch --no-headers \
    -o custom-columns=A:.spec.clusterIP,B:.metadata.name,C:.metadata.namespace
  tail -F "$dir/names.log" 2>/dev/null | while read -r address name namespace; do
    echo "$address $name.$namespace.svc.cluster.local" >"/run/hosts/$namespace.$name"
  done &
}

make_volumes() {
  local i
  for i in {1..12}; do
    # Pods do not run as root.
    mkdir -m 777 "/var/lib/volumes/$i"
    cat <<END
apiVersion: v1
kind: PersistentVolume
metadata: {name: volume-$i}
spec:
  capacity: {storage: 20Gi}
  accessModes: [ReadWriteOnce]
  hostPath: {path: /var/lib/volumes/$i}
---
END
  done | kubectl apply -f -
}

run_cluster() {
  make_machine
  write_configs
  run containerd containerd --config /run/containerd.toml
  start_control_plane
  await ctr version
  run images ctr -n k8s.io images import "$dir/images.tar"
  local images=$!
  start_node
  start_names
  make_volumes >/dev/null
  wait "$images"
  await kubectl wait --for=condition=Ready node/node
  await kubectl get serviceaccount default
  touch "$dir/ready"
  wait
}

if [[ "${2:-}" == inside ]]; then
  run_cluster
  exit
fi

# shellcheck source=tests/deploy/fresh_machine.sh
. tests/deploy/fresh_machine.sh
[[ -e "$kubernetes" ]] ||
  skip "needs a Kubernetes, which tests/deploy/kubernetes/build_kubernetes.sh builds"
[[ -e /sys/fs/cgroup/memory/cgroup.procs ]] || skip "needs cgroups of version 1"
for tool in etcd containerd ctr dnsmasq catatonit iptables openssl; do
  command -v "$tool" >/dev/null || skip "needs $tool"
done
[[ -e /usr/lib/cni/bridge ]] || skip "needs containernetworking-plugins"
# shellcheck source=tests/deploy/image.sh
. tests/deploy/image.sh

mkdir -p "$dir"
pids=()
clean() {
  # With its first process all of a namespace's go, some a moment later.
  kill -9 "${pids[@]}" 2>/dev/null || true
  local i
  for i in {1..50}; do
    find /sys/fs/cgroup/*/"$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || true
    compgen -G "/sys/fs/cgroup/*/$cgroup" >/dev/null || break
    sleep 0.1
  done
  forget_images
}
trap clean EXIT
trap 'exit 0' TERM INT

build_image
tar -C /usr/bin -c catatonit |
  pod import -q --change 'ENTRYPOINT ["/catatonit", "-P"]' - pause >/dev/null
pod save -q --multi-image-archive -o "$dir/images.tar" drover pause
forget_images

for hierarchy in /sys/fs/cgroup/*/; do mkdir "$hierarchy$cgroup"; done
unshare --mount --net --pid --fork --kill-child --mount-proc "$0" "$dir" inside "$cgroup" "$node" \
  >"$dir/cluster.log" 2>&1 &
cluster=$!
pids+=("$cluster")
# The test that started it is dead once this pipe closes.
if [[ -n "${DROVER_PARENT_PIPE:-}" ]]; then
  (read -r _ <&3 || kill $$) &
  pids+=($!)
fi
await test ! "/proc/$cluster/ns/net" -ef /proc/self/ns/net
ip link add "drover$$" type veth peer name eth0 netns "$cluster"
ip address add "${node%.2}.1/30" dev "drover$$"
ip link set "drover$$" up
wait "$cluster"
