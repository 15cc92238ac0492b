// Package kubernetes holds the bases for Kubernetes, which are built as kubectl would build them and decoded as the API server
// would, strictly.
package kubernetes

import (
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// objects builds a base and returns what is in it, by kind.
func objects(t *testing.T, base string) map[string]runtime.Object {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, appsv1.AddToScheme, rbacv1.AddToScheme, networkingv1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), base)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]runtime.Object{}
	for _, r := range built.Resources() {
		text, err := r.AsYAML()
		if err != nil {
			t.Fatal(err)
		}
		object, kind, err := decoder.Decode(text, nil, nil)
		if err != nil {
			t.Fatalf("%s: %v\n%s", r.CurId(), err, text)
		}
		all[kind.Kind] = object
	}
	return all
}

// pod returns what a workload makes, after looking whether its selector finds it.
func pod(t *testing.T, selector *metav1.LabelSelector, template corev1.PodTemplateSpec) corev1.PodSpec {
	t.Helper()
	if selector == nil || !labels.SelectorFromSet(selector.MatchLabels).Matches(labels.Set(template.Labels)) || len(selector.MatchLabels) == 0 {
		t.Errorf("the selector %v does not find its pods %v", selector, template.Labels)
	}
	return template.Spec
}

// agent returns the container of tailspan after checking what both bases have in common.
func agent(t *testing.T, spec corev1.PodSpec, config *corev1.ConfigMap) corev1.Container {
	t.Helper()
	containers := append(slices.Clone(spec.InitContainers), spec.Containers...)
	i := slices.IndexFunc(containers, func(c corev1.Container) bool { return c.Name == "tailspan" })
	if i < 0 {
		t.Fatal("no container is named tailspan")
	}
	c := containers[i]
	if s := c.SecurityContext; s == nil || !*s.ReadOnlyRootFilesystem || *s.AllowPrivilegeEscalation || !slices.Equal(s.Capabilities.Drop, []corev1.Capability{"ALL"}) || len(s.Capabilities.Add) > 0 {
		t.Errorf("the container may do more than it must: %v", s)
	}
	if spec.SecurityContext.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Error("system calls are not filtered")
	}
	if c.LivenessProbe.HTTPGet.Path != "/healthz" || c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
		t.Error("a probe or a resource is missing")
	}
	volumes := map[string]corev1.Volume{}
	for _, v := range spec.Volumes {
		volumes[v.Name] = v
		if v.ConfigMap != nil && v.ConfigMap.Name != config.Name {
			t.Errorf("the volume %s is of the config map %s, not %s", v.Name, v.ConfigMap.Name, config.Name)
		}
	}
	for _, c := range containers {
		for _, m := range c.VolumeMounts {
			if _, ok := volumes[m.Name]; !ok {
				t.Errorf("%s mounts the volume %s, which is not there", c.Name, m.Name)
			}
			if v := volumes[m.Name]; v.HostPath != nil && v.HostPath.Path == "/var/log" && !m.ReadOnly {
				t.Error("the logs of the node can be written")
			}
		}
	}
	for _, e := range c.Env {
		if !strings.Contains(config.Data["tailspan.yaml"], "${"+e.Name+"}") {
			t.Errorf("nothing in tailspan.yaml uses %s", e.Name)
		}
	}
	return c
}

func TestDaemonSet(t *testing.T) {
	all := objects(t, "daemonset")
	set := all["DaemonSet"].(*appsv1.DaemonSet)
	spec := pod(t, set.Spec.Selector, set.Spec.Template)
	c := agent(t, spec, all["ConfigMap"].(*corev1.ConfigMap))
	if c.ReadinessProbe.HTTPGet.Path != "/readyz" {
		t.Error("readiness is not asked for")
	}
	if len(spec.Tolerations) != 1 || spec.Tolerations[0].Operator != corev1.TolerationOpExists {
		t.Error("tainted nodes are left out")
	}
	role := all["ClusterRole"].(*rbacv1.ClusterRole)
	if len(role.Rules) != 1 || !slices.Equal(role.Rules[0].Verbs, []string{"list", "watch"}) || !slices.Equal(role.Rules[0].Resources, []string{"pods"}) {
		t.Errorf("the role is %v", role.Rules)
	}
	binding := all["ClusterRoleBinding"].(*rbacv1.ClusterRoleBinding)
	account := all["ServiceAccount"].(*corev1.ServiceAccount)
	if s := binding.Subjects[0]; binding.RoleRef.Name != role.Name || s.Name != account.Name || s.Namespace != account.Namespace || spec.ServiceAccountName != account.Name {
		t.Error("the role is not bound to the pods' account")
	}
	policy := all["NetworkPolicy"].(*networkingv1.NetworkPolicy)
	selector := labels.SelectorFromSet(policy.Spec.PodSelector.MatchLabels)
	if selector.Empty() || !selector.Matches(labels.Set(set.Spec.Template.Labels)) || policy.Namespace != set.Namespace {
		t.Error("the network policy is not about the pods")
	}
	if len(all) != 7 {
		t.Errorf("%d kinds of objects, want 7", len(all))
	}
}

func TestSidecar(t *testing.T) {
	all := objects(t, "sidecar")
	deployment := all["Deployment"].(*appsv1.Deployment)
	spec := pod(t, deployment.Spec.Selector, deployment.Spec.Template)
	c := agent(t, spec, all["ConfigMap"].(*corev1.ConfigMap))
	if c.RestartPolicy == nil || *c.RestartPolicy != corev1.ContainerRestartPolicyAlways {
		t.Error("it is no sidecar: the application would wait for its end")
	}
	if !*spec.SecurityContext.RunAsNonRoot || *spec.SecurityContext.FSGroup != *spec.SecurityContext.RunAsUser {
		t.Error("the containers do not share a user without rights")
	}
}

// TestStrict keeps the decoder from accepting anything.
func TestStrict(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := appsv1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	if _, _, err := decoder.Decode([]byte("apiVersion: apps/v1\nkind: DaemonSet\nspec: {templat: {}}\n"), nil, nil); err == nil {
		t.Error("a field that is not there is accepted")
	}
}
