// A vCenter to test against: govmomi's simulator with TLS by a certificate of the test's own.
//
// It is the engine of the vcsim command (package simulator); the command itself is a module that
// Go's module proxy does not hold. Nothing of the simulator is changed. One line of JSON says
// when it is ready; it ends when its standard input does.
package main

import (
	"crypto/tls"
	"encoding/json"
	"flag"
	"io"
	"log"
	"net/url"
	"os"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

type ready struct {
	URL        string            `json:"url"`
	Datastores map[string]string `json:"datastores"`
}

func main() {
	machines := flag.Int("vm", 2, "VMs in the pool of the cluster")
	hosts := flag.Int("host", 3, "hosts in the cluster")
	folders := flag.Int("folder", 0, "folders above the datacenter")
	idle := flag.Duration("idle", 0, "after which time a session expires; 0 is never")
	cert := flag.String("cert", "", "certificate, PEM")
	key := flag.String("key", "", "its key, PEM")
	user := flag.String("user", "watcher", "account")
	password := flag.String("password", "", "its password")
	flag.Parse()
	if err := run(*machines, *hosts, *folders, idle.String(), *cert, *key, url.UserPassword(*user, *password)); err != nil {
		log.Fatal(err)
	}
}

func run(machines, hosts, folders int, idle, cert, key string, login *url.Userinfo) error {
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return err
	}
	model := simulator.VPX()
	model.Machine, model.ClusterHost, model.Folder, model.Host = machines, hosts, folders, 0
	defer model.Remove()
	if err := model.Create(); err != nil {
		return err
	}
	if idle != "0s" {
		model.Map().OptionManager().UpdateOptions(&types.UpdateOptions{
			ChangedValue: []types.BaseOptionValue{&types.OptionValue{
				Key: "config.vmacore.soap.sessionTimeout", Value: idle,
			}},
		})
	}
	model.Service.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	model.Service.Listen = &url.URL{Host: "127.0.0.1:0", User: login}
	server := model.Service.NewServer()
	defer server.Close()
	told := ready{URL: server.URL.Host, Datastores: map[string]string{}}
	for _, entity := range model.Map().All("Datastore") {
		datastore := entity.(*simulator.Datastore)
		told.Datastores[datastore.Name] = datastore.Info.GetDatastoreInfo().Url
	}
	if err := json.NewEncoder(os.Stdout).Encode(told); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
