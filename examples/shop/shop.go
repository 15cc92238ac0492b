package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// shop is all services and what they have in common.
type shop struct {
	settings
	truth    *recorder
	client   http.Client
	services []*service
	mails    sync.WaitGroup // that are being sent
	shut     atomic.Bool
}

func newShop(s settings, truth *recorder) *shop {
	transport := &http.Transport{MaxIdleConnsPerHost: s.parallel}
	return &shop{settings: s, truth: truth, client: http.Client{Transport: transport, Timeout: 30 * time.Second}}
}

// open starts all services and returns where the first of them listens.
func (s *shop) open() (url string, err error) {
	stockURLs, err := s.startAll("back", "stock", func(svc *service) http.Handler { return &stock{service: svc} })
	if err != nil {
		return "", err
	}
	paymentsURLs, err := s.startAll("back", "payments", func(svc *service) http.Handler { return &payments{svc} })
	if err != nil {
		return "", err
	}
	ordersURLs, err := s.startAll("front", "orders", func(svc *service) http.Handler { return &orders{svc, stockURLs, paymentsURLs} })
	if err != nil {
		return "", err
	}
	return s.start("front", "web", func(svc *service) http.Handler { return &web{svc, ordersURLs} })
}

// startAll starts a service on the host and, if it is to be there twice, on the second one.
func (s *shop) startAll(host, name string, handler func(*service) http.Handler) (all urls, err error) {
	hosts := []string{host}
	if s.twice {
		hosts = append(hosts, host+"-2")
	}
	for _, host := range hosts {
		url, err := s.start(host, name, handler)
		if err != nil {
			return nil, err
		}
		all = append(all, url)
	}
	return all, nil
}

// urls are those of a service's instances.
type urls []string

// any is one of them.
func (u urls) any() string { return u[rand.IntN(len(u))] }

// customers place orders, and return how many when there are no more to place.
func (s *shop) customers(ctx context.Context, web string) int64 {
	var placed atomic.Int64
	var ordering sync.WaitGroup
	for range s.parallel {
		ordering.Go(func() {
			for ctx.Err() == nil {
				n := placed.Add(1)
				if s.orders > 0 && n > int64(s.orders) {
					return
				}
				res, err := s.client.Post(fmt.Sprintf("%s/orders/%d", web, n), "text/plain", nil)
				if err == nil {
					_ = res.Body.Close() // nothing in it
				}
				select {
				case <-ctx.Done():
				case <-time.After(s.pause):
				}
			}
		})
	}
	ordering.Wait()
	if s.orders > 0 {
		return min(placed.Load(), int64(s.orders))
	}
	return placed.Load()
}

// close ends all services; what they have begun they finish.
func (s *shop) close() (err error) {
	s.shut.Store(true)
	s.mails.Wait()
	for _, svc := range s.services {
		err = errors.Join(err, svc.stop())
	}
	return err
}
