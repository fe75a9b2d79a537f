#!/bin/bash
# Builds Kubernetes 1.20.2 from Debian's source package, for tests/deploy/kubernetes/kubernetes_test,
# into a folder outside the clone, and installs what it runs with. Takes 15 minutes of a core, once:
# so `./drover test` does not call it, and without it that test is skipped. Needs root, or sudo to
# install packages. With --where it only prints where that is.
set -euo pipefail

VERSION=1.20.2
SOURCE=http://deb.debian.org/debian/pool/main/k/kubernetes/kubernetes_1.20.5+really$VERSION.orig.tar.gz
SHA256=b83c0780efb182d928dc63d46488a847f161f04e40a94b96bf5247dd671ecdfc
PROGRAMS=(kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet)
PACKAGES=(
  golang-1.19-go             # compiles it
  etcd-server                # where the API server keeps what it knows
  containerd                 # runs a node's containers
  runc                       # by this
  containernetworking-plugins # the network of pods
  iptables                   # Services
  dnsmasq-base               # and their names
)

home=~ # where HOME is not set, as in a Bazel test: the one of passwd
cache=${DROVER_HOME:-$home/.cache/drover}
folder=$cache/kubernetes-$VERSION

if [[ "${1:-}" == --where ]]; then
  echo "$folder"
  exit
fi
as_root=()
[[ "$(id -u)" == 0 ]] || as_root=(sudo)
dpkg -s "${PACKAGES[@]}" >/dev/null 2>&1 ||
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq \
    -o DPkg::Lock::Timeout=120 --no-install-recommends "${PACKAGES[@]}" >/dev/null
if [[ -e "$folder" ]]; then exit; fi

echo "drover: building Kubernetes $VERSION into $folder (15 minutes of a core)" >&2
mkdir -p "$cache"
work=$(mktemp -d "$cache/kubernetes-XXXXXX")
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
mkdir -p "$work"/{bin,src/k8s.io/kubernetes}

# kubectl is in a package of Debian's, beside which no other vendor's can be installed.
(cd "$work" && apt-get download -qq kubernetes-client && dpkg -x kubernetes-client_*.deb client)
mv "$work/client/usr/bin/kubectl" "$work/bin/"

/usr/lib/apt/apt-helper -qq download-file "$SOURCE" "$work/source.tar.gz" "SHA256:$SHA256"
tar -C "$work/src/k8s.io/kubernetes" --strip-components=1 -xzf "$work/source.tar.gz"
cd "$work/src/k8s.io/kubernetes"
export GOPATH=$work GOCACHE=$work/go-cache GO111MODULE=off CGO_ENABLED=0
export PATH=/usr/lib/go-1.19/bin:$PATH

# The one generated file that is not in the source: what `kubectl apply` checks manifests by.
go build -o "$work/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
types=$(grep -RlE --include='*.go' '^// *\+k8s:openapi-gen=' pkg cmd vendor/k8s.io |
  grep -vE '^vendor/k8s.io/(code-generator|sample-apiserver)/' | xargs -n1 dirname | sort -u |
  sed 's|^|k8s.io/kubernetes/|' | paste -sd,)
"$work/openapi-gen" --logtostderr -i "$types" -p k8s.io/kubernetes/pkg/generated/openapi \
  -O zz_generated.openapi -h vendor/k8s.io/code-generator/hack/boilerplate.go.txt \
  -r "$work/violations"

version=k8s.io/kubernetes/vendor/k8s.io/component-base/version
# Without clouds and Docker, which are a third of it.
go build -tags providerless,dockerless -o "$work/bin/" \
  -ldflags "-s -w -X $version.gitVersion=v$VERSION -X $version.gitMajor=1 -X $version.gitMinor=20" \
  "${PROGRAMS[@]/#/k8s.io/kubernetes/cmd/}"
mkdir "$work/whole"
mv "$work/bin" "$work/whole/"
mv "$work/whole" "$folder"
