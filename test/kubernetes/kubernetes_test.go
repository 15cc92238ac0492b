// Package kubernetes holds the client for the API server to client-go: whatever happens to the pods and to the connection, both
// know the same in the end.
package kubernetes

import (
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	client "k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"

	"github.com/tailspan/tailspan/internal/kubernetes"
)

// start runs an API server, our source and client-go's informer, which knows all pods of node-1.
func start(t *testing.T) (*apiServer, *kubernetes.Source, cache.Store) {
	t.Helper()
	api := newAPIServer(t)
	server := httptest.NewTLSServer(api)
	t.Cleanup(server.Close)
	t.Cleanup(api.drop)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	account := t.TempDir()
	for name, text := range map[string][]byte{"ca.crt": ca, "token": []byte("t0ken")} {
		if err := os.WriteFile(filepath.Join(account, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	source := kubernetes.New(kubernetes.Config{Node: "node-1", Server: server.URL, Account: account}, slog.New(slog.DiscardHandler))
	go source.Run(t.Context())

	set, err := client.NewForConfig(&rest.Config{Host: server.URL, BearerToken: "t0ken", TLSClientConfig: rest.TLSClientConfig{CAData: ca}, QPS: -1})
	if err != nil {
		t.Fatal(err)
	}
	pods := cache.NewListWatchFromClient(set.CoreV1().RESTClient(), "pods", "", fields.OneTermEqualSelector("spec.nodeName", "node-1"))
	store, informer := cache.NewInformerWithOptions(cache.InformerOptions{ListerWatcher: pods, ObjectType: &corev1.Pod{}, Handler: cache.ResourceEventHandlerFuncs{}})
	go informer.RunWithContext(t.Context())
	return api, source, store
}

// uid is that of pod n.
func uid(n int) string { return fmt.Sprintf("0f8b1f64-2f1f-4f0a-9d9e-%012d", n) }

// logOf is where the kubelet writes the log of pod n.
func logOf(n int) string { return fmt.Sprintf("/var/log/pods/shop_web-%d_%s/app/0.log", n, uid(n)) }

func pod(n, generation int, node string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("web-%d", n), Namespace: "shop", UID: types.UID(uid(n)), Labels: map[string]string{"generation": fmt.Sprint(generation)}},
		Spec:       corev1.PodSpec{NodeName: node, Containers: []corev1.Container{{Name: "app", Image: "shop:1"}}},
	}
}

// eventually waits for two clients and a server.
func eventually(t *testing.T, what func() string) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; time.Sleep(10 * time.Millisecond) {
		problem := what()
		if problem == "" {
			return
		}
		if time.Now().After(end) {
			t.Fatal(problem)
		}
	}
}

// differs says in what our source and client-go's store differ about the first n pods. One that is gone may still be known to us.
func differs(source *kubernetes.Source, store cache.Store, want map[int]int) string {
	if got := len(store.ListKeys()); got != len(want) {
		return fmt.Sprintf("client-go knows %d pods of %d", got, len(want))
	}
	for n, generation := range want {
		object, there, err := store.GetByKey(fmt.Sprintf("shop/web-%d", n))
		label := fmt.Sprint(generation)
		if err != nil || !there || object.(*corev1.Pod).Labels["generation"] != label {
			return fmt.Sprintf("client-go does not know generation %s of pod %d: %v", label, n, err)
		}
		if ours := string(source.Facts(logOf(n)).Lookup([]byte("kubernetes.labels"))); ours != `{"generation":"`+label+`"}` {
			return fmt.Sprintf("we do not know generation %s of pod %d, but %s", label, n, ours)
		}
	}
	return ""
}

// TestBesideClientGo does random things to pods and to the server, and compares when all is quiet.
func TestBesideClientGo(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			api, source, store := start(t)
			random := rand.New(rand.NewPCG(seed, 1))
			pods, want := api.CoreV1().Pods("shop"), map[int]int{}
			source.Facts(logOf(0))
			for step := range 200 {
				n := random.IntN(30)
				_, there := want[n]
				var err error
				switch does := random.IntN(20); {
				case does == 0:
					api.drop()
				case does == 1:
					api.compact()
				case does == 2:
					api.compact()
					api.drop()
				case does == 3:
					api.refuseNext(random.IntN(5) / 4) // client-go waits long after a refusal
					api.drop()
				case does == 4: // a pod of another node is none of ours
					_, err = pods.Create(t.Context(), pod(1000+step, step, "node-2"), metav1.CreateOptions{})
				case !there:
					_, err = pods.Create(t.Context(), pod(n, step, "node-1"), metav1.CreateOptions{})
					want[n] = step
				case does < 9:
					err = pods.Delete(t.Context(), fmt.Sprintf("web-%d", n), metav1.DeleteOptions{})
					delete(want, n)
				default:
					_, err = pods.Update(t.Context(), pod(n, step, "node-1"), metav1.UpdateOptions{})
					want[n] = step
				}
				if err != nil {
					t.Fatal(err)
				}
				if step%50 == 49 {
					eventually(t, func() string { return differs(source, store, want) })
				}
			}
			for n := range 200 {
				if source.Facts(logOf(1000+n)).Lookup([]byte("kubernetes.labels")) != nil {
					t.Errorf("pod %d of another node is known", n)
				}
			}
		})
	}
}
