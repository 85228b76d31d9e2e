package session

import (
	"container/list"
	"context"
	"slices"
	"sync"
	"time"

	"aikagi/backend/member"
)

// maxInMemory bounds the sessions in memory, at about 400 bytes each. Only a member can open one, so that a stranger
// cannot fill the memory.
const maxInMemory = 100_000

// Memory is the [Backend] of a single server. Its sessions end when the server stops. It is safe for concurrent use.
type Memory struct {
	mu    sync.Mutex
	limit int
	byKey map[string]*list.Element
	// bySeen holds all sessions, the most recently seen first. Idle sessions are at the back.
	bySeen *list.List
	// byMember holds each member's sessions in the order in which they were opened.
	byMember map[member.ID][]*list.Element
}

type entry struct {
	key     string
	session Session
}

// NewMemory returns an empty Memory. When it is full, opening a session removes the least recently seen one.
func NewMemory() *Memory {
	return &Memory{
		limit: maxInMemory, byKey: make(map[string]*list.Element), bySeen: list.New(),
		byMember: make(map[member.ID][]*list.Element),
	}
}

func (m *Memory) open(_ context.Context, key string, s Session, life lifetime) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for last := m.bySeen.Back(); last != nil; last = m.bySeen.Back() {
		if len(m.byKey) < m.limit && !life.isOver(last.Value.(*entry).session, s.OpenedAt) {
			break
		}
		m.remove(last)
	}
	if own := m.byMember[s.MemberID]; len(own) >= maxPerMember {
		m.remove(own[0])
	}
	element := m.bySeen.PushFront(&entry{key, s})
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

func (m *Memory) raiseVersion(_ context.Context, key string, version int64, now time.Time, life lifetime) error {
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
		m.remove(element)
	}
	return nil
}

func (m *Memory) list(_ context.Context, id member.ID, now time.Time, life lifetime) (map[string]Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found := make(map[string]Session)
	for _, element := range slices.Clone(m.byMember[id]) {
		one := element.Value.(*entry)
		if life.isOver(one.session, now) {
			m.remove(element)
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
		if element.Value.(*entry).key != key {
			m.remove(element)
		}
	}
	return nil
}

// count first removes the sessions that have been idle for too long. A session past its absolute lifetime still counts
// until somebody looks for it or until it is idle.
func (m *Memory) count(now time.Time, life lifetime) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	for last := m.bySeen.Back(); last != nil && life.isOver(last.Value.(*entry).session, now); last = m.bySeen.Back() {
		m.remove(last)
	}
	return len(m.byKey)
}

func (*Memory) ping(context.Context) error { return nil }

// alive returns a session that has not ended, and removes one that has. The caller must hold the lock.
func (m *Memory) alive(key string, now time.Time, life lifetime) (*Session, error) {
	element, there := m.byKey[key]
	if !there {
		return nil, ErrMissing
	}
	found := &element.Value.(*entry).session
	if life.isOver(*found, now) {
		m.remove(element)
		return nil, ErrMissing
	}
	return found, nil
}

func (m *Memory) remove(element *list.Element) {
	one := element.Value.(*entry)
	m.bySeen.Remove(element)
	delete(m.byKey, one.key)
	id := one.session.MemberID
	m.byMember[id] = slices.DeleteFunc(m.byMember[id], func(each *list.Element) bool { return each == element })
	if len(m.byMember[id]) == 0 {
		delete(m.byMember, id)
	}
}
