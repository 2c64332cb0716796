// Pins the Gateway API bundle whose CRDs the end-to-end tests install. Only a pin: nothing is built, so no `go mod tidy`.
// A module of its own, because next to kube-apiserver its requirements would raise the versions that kube-apiserver has.
module gateward.dev/e2e/crds

go 1.26.0

require sigs.k8s.io/gateway-api v1.6.1
