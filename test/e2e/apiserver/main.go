// Command apiserver runs etcd and kube-apiserver in one process, for tests.
//
//	apiserver [-data-dir DIR] -- <kube-apiserver flags>
//
// It prints one line of JSON, {"etcd":"http://127.0.0.1:PORT"}, as soon as etcd serves, and lives until standard input
// closes: when the parent dies, however it dies, the pipe closes, and no orphan is left.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/url"
	"os"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	dataDir := flag.String("data-dir", "", "where etcd keeps its data; a second run on the same folder finds it again (default: a temporary folder)")
	flag.Parse()

	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0) // no drain: what etcd has acknowledged is in the page cache, and that outlives the process
	}()

	etcd, err := startEtcd(*dataDir)
	if err != nil {
		log.Fatalf("etcd: %v", err)
	}
	endpoint := etcd.Config().ListenClientUrls[0].String()
	fmt.Printf("{\"etcd\":%q}\n", endpoint)

	server := app.NewAPIServerCommand()
	server.SetArgs(append([]string{"--etcd-servers=" + endpoint}, flag.Args()...))
	if err := server.Execute(); err != nil {
		log.Fatalf("kube-apiserver: %v", err)
	}
}

// startEtcd serves etcd on a free loopback port, without fsync, and returns when it is ready.
func startEtcd(dir string) (*embed.Etcd, error) {
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "gateward-etcd-"); err != nil {
			return nil, err
		}
	}
	// etcd's JSON gateway dials the configured client address, so port 0 would not do there; there are no peers.
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	client := []url.URL{{Scheme: "http", Host: probe.Addr().String()}}
	peer := []url.URL{{Scheme: "http", Host: "127.0.0.1:0"}}
	probe.Close()

	config := embed.NewConfig()
	config.Dir = dir
	config.ListenClientUrls, config.AdvertiseClientUrls = client, client
	config.ListenPeerUrls, config.AdvertisePeerUrls = peer, peer
	config.InitialCluster = config.InitialClusterFromName(config.Name)
	config.UnsafeNoFsync = true
	config.LogLevel = "error"

	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return nil, err
	}
	select {
	case <-etcd.Server.ReadyNotify():
		return etcd, nil
	case err := <-etcd.Err():
		return nil, err
	}
}
