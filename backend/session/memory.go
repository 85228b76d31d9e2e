package session

import (
	"container/list"
	"context"
	"slices"
	"sync"
	"time"

	"aikagi/backend/member"
)

// mostInMemory bounds the memory's sessions, at some 400 bytes each. Who opens one has signed in, so no
// stranger can fill it.
const mostInMemory = 100_000

// Memory keeps the sessions of one server, until it stops. It is safe for concurrent use.
type Memory struct {
	mu    sync.Mutex
	most  int
	byKey map[string]*list.Element
	// bySeen holds every session, the one seen last in front: what is over by idleness is at the back.
	bySeen *list.List
	// byMember holds a member's sessions, the one opened first in front.
	byMember map[member.ID][]*list.Element
}

type kept struct {
	key     string
	session Session
}

// NewMemory makes an empty memory. When it is full, the session that was not seen for the longest time goes.
func NewMemory() *Memory {
	return &Memory{
		most: mostInMemory, byKey: make(map[string]*list.Element), bySeen: list.New(),
		byMember: make(map[member.ID][]*list.Element),
	}
}

func (m *Memory) open(_ context.Context, key string, s Session, life lifetime) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for last := m.bySeen.Back(); last != nil; last = m.bySeen.Back() {
		if len(m.byKey) < m.most && !life.isOver(last.Value.(*kept).session, s.OpenedAt) {
			break
		}
		m.drop(last)
	}
	if own := m.byMember[s.MemberID]; len(own) >= mostOfMember {
		m.drop(own[0])
	}
	element := m.bySeen.PushFront(&kept{key, s})
	m.byKey[key] = element
	m.byMember[s.MemberID] = append(m.byMember[s.MemberID], element)
	return nil
}

func (m *Memory) touch(_ context.Context, key string, now time.Time, life lifetime) (Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found, err := m.alive(key, now, life)
	if err != nil {
		return Session{}, err
	}
	if now.After(found.SeenAt) {
		found.SeenAt = now
	}
	m.bySeen.MoveToFront(m.byKey[key])
	return *found, nil
}

func (m *Memory) moveTo(_ context.Context, key string, version int64, now time.Time, life lifetime) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	found, err := m.alive(key, now, life)
	if err != nil {
		return err
	}
	found.PasswordVersion = max(found.PasswordVersion, version)
	return nil
}

func (m *Memory) close(_ context.Context, key string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if element, there := m.byKey[key]; there {
		m.drop(element)
	}
	return nil
}

func (m *Memory) list(_ context.Context, id member.ID, now time.Time, life lifetime) (map[string]Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := make(map[string]Session)
	for _, element := range slices.Clone(m.byMember[id]) {
		one := element.Value.(*kept)
		if life.isOver(one.session, now) {
			m.drop(element)
			continue
		}
		found[one.key] = one.session
	}
	return found, nil
}

func (m *Memory) closeOthers(_ context.Context, key string, id member.ID) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, element := range slices.Clone(m.byMember[id]) {
		if element.Value.(*kept).key != key {
			m.drop(element)
		}
	}
	return nil
}

// count drops the sessions that are over by idleness first. One that is over by its absolute lifetime counts until
// somebody looks for it, or until it is idle.
func (m *Memory) count(now time.Time, life lifetime) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	for last := m.bySeen.Back(); last != nil && life.isOver(last.Value.(*kept).session, now); last = m.bySeen.Back() {
		m.drop(last)
	}
	return len(m.byKey)
}

func (*Memory) ping(context.Context) error { return nil }

// alive finds a session that has not ended, and removes one that has. The caller holds the lock.
func (m *Memory) alive(key string, now time.Time, life lifetime) (*Session, error) {
	element, there := m.byKey[key]
	if !there {
		return nil, ErrMissing
	}
	found := &element.Value.(*kept).session
	if life.isOver(*found, now) {
		m.drop(element)
		return nil, ErrMissing
	}
	return found, nil
}

func (m *Memory) drop(element *list.Element) {
	one := element.Value.(*kept)
	m.bySeen.Remove(element)
	delete(m.byKey, one.key)
	id := one.session.MemberID
	m.byMember[id] = slices.DeleteFunc(m.byMember[id], func(each *list.Element) bool { return each == element })
	if len(m.byMember[id]) == 0 {
		delete(m.byMember, id)
	}
}
