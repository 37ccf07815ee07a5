/* token/revocation_file.c, revocation_lock.c, system/replace.c: the file that processes share.
 *
 * Two processes with a list each have ENTRIES entries written, APPENDS times each, also the same
 * ones. One of them may be killed at any step (KILLS) and starts anew; calls may fail; COMPACTS
 * times the file is replaced. There are INODES numbers of files, which are used again when nobody
 * has them open. Nothing dies, and a line is whole or not there; test/revocation cuts lines.
 *
 * What is shown: whatever name and bytes are on the disk after a power cut, all that was answered
 * is among them; and who reads the file has all that was answered before it got the lock. Not shown:
 * what a kernel does to lines of a process that died before its fdatasync, when another's fails;
 * that ftruncate() and a compaction can fail; how often a lock is tried for.
 *
 * code: token/revocation_lock.c revocation_lock: open_file(f, flags) > flock(f->fd > is_named(f) > close(f->fd)
 * code: token/revocation_lock.c revocation_unlock: flock(f->fd, LOCK_UN) > close(f->held) > f->held = f->fd
 * code: token/revocation_file.c take_in: stamp.inode != f->stamp.inode > f->named = false > f->end = 0 > stamp.size <= f->end > keys_same_stamp(&stamp, &f->stamp) > f->end = 0 > f->stamp = stamp > read_lines(f)
 * code: token/revocation_file.c append: take_in(f, now) > compacted(f) > return AGAIN > mend_end(f) > !f->named > replace_sync_folder(f->path) > write_lines(f, entries, n) > fdatasync(f->fd) > ftruncate(f->fd, f->end) > return AGAIN > revocations_add( > f->end += > f->stamp = keys_stamp(f->path)
 * code: token/revocation_file.c compacted: f->end = 0 > compact(f)
 * code: token/revocation_file.c compact: replace_begin( > revocations_next( > replace_add( > replace_write( > replace_commit(
 * code: token/revocation_file.c revocation_file_append: revocation_lock( > append( > revocation_unlock(f) > came == DONE
 * code: system/replace.c replace_write: fsync(r->fd)
 * code: system/replace.c replace_commit: rename( > replace_sync_folder(
 */
#define INODES 5
#define LINES 5
#ifndef ENTRIES
#define ENTRIES 2
#endif
#ifndef APPENDS
#define APPENDS 2
#endif
#ifndef KILLS
#define KILLS 1
#endif
#ifndef COMPACTS
#define COMPACTS 2
#endif
#define NONE 255
#define BIT(entry) (1 << (entry))
#define LINE(i, k) line[(i) * LINES + (k)]

byte line[INODES * LINES] = NONE;
byte length[INODES], synced[INODES];    /* lines that are written, and those on the disk */
byte change[INODES];                    /* what mtime, ctime tell */
byte locked[INODES] = NONE;
byte name, named_on_disk;               /* the inode that the name leads to; on the disk, at least */
byte fd[2] = NONE, held[2] = NONE;
byte answered, kills = KILLS, compacts = COMPACTS;

#define USED(i) (name == i || named_on_disk == i || fd[0] == i || fd[1] == i || held[0] == i || \
    held[1] == i)

/* What is on the disk under either name that may be there. */
inline check()
{
	at = 0;
	got = 0;
	more = 0;
	do
	:: at < LINES ->
		if
		:: at < synced[name] -> got = got | BIT(LINE(name, at))
		:: else
		fi;
		if
		:: at < synced[named_on_disk] -> more = more | BIT(LINE(named_on_disk, at))
		:: else
		fi;
		at++
	:: else -> break
	od;
	assert((answered & got & more) == answered);
	at = 0;
	got = 0;
	more = 0
}

inline unlock()
{
	locked[fd[p]] = NONE;
#ifndef PLANT_NOT_HELD
	held[p] = fd[p];
#endif
	fd[p] = NONE
}

/* Or it is killed here. */
inline or_killed()
{
	if
	:: kills > 0 -> atomic {
		kills--;
		if
		:: fd[p] != NONE && locked[fd[p]] == p -> locked[fd[p]] = NONE
		:: else
		fi;
		fd[p] = NONE;
		held[p] = NONE;
		list = 0;
		stamp = NONE;
		seen = 0;
		end = 0;
		named = false;
		new = 0;
		again = false;
		must = 0 };
		goto next
	:: true
	fi
}

proctype process(byte p)
{
	byte left = APPENDS, entry, list, stamp = NONE, seen, end, new, must, at, got, more;
	bool named, again;

	do
	:: left == 0 -> break
	:: left > 0 ->
		atomic { left--; select (entry : 0 .. ENTRIES - 1); again = true };
#ifdef PLANT_KNOWN_IS_ENOUGH
		if
		:: (list & BIT(entry)) != 0 -> atomic { answered = answered | BIT(entry); check() }; goto next
		:: else
		fi;
#endif
lock:		atomic { fd[p] = name };                /* open_file() */
		atomic { locked[fd[p]] == NONE -> locked[fd[p]] = p };  /* flock() */
#ifndef PLANT_NOT_NAMED
		if
		:: atomic { name != fd[p] -> locked[fd[p]] = NONE; fd[p] = NONE; goto lock }
		:: name == fd[p]
		fi;
#endif
		atomic {                                /* take_in() */
			must = answered;
			if
			:: stamp != fd[p] -> named = false; end = 0
			:: stamp == fd[p] && length[fd[p]] <= end && change[fd[p]] != seen -> end = 0
			:: else
			fi;
			stamp = fd[p];
			seen = change[fd[p]];
			do
			:: end < length[fd[p]] -> list = list | BIT(LINE(fd[p], end)); end++
			:: else -> break
			od;
			assert((must & list) == must);
			must = 0
		};
		or_killed();
		if
		:: again && compacts > 0 ->             /* compact() */
			atomic {
				compacts--;
				new = 0;
				do
				:: USED(new) || (fd[0] == new) -> new++
				:: else -> break
				od;
				assert(new < INODES);
				length[new] = 0;
				at = 0;
				do
				:: at < ENTRIES ->
					if
					:: (list & BIT(at)) != 0 -> LINE(new, length[new]) = at; length[new]++
					:: else
					fi;
					at++
				:: else -> break
				od;
				at = length[new];
				do
				:: at < LINES -> LINE(new, at) = NONE; at++
				:: else -> break
				od;
				at = 0;
				change[new] = (change[new] + 1) % 8;
#ifdef PLANT_NEW_NOT_SYNCED
				synced[new] = 0;
#else
				synced[new] = length[new];
#endif
				name = new;             /* rename(): nobody has had the new file */
				new = 0;
				check()
			};
			or_killed();
			if
			:: named_on_disk = name         /* replace_sync_folder(), which may fail */
			:: skip
			fi;
			atomic { end = 0; again = false; unlock() };
			goto lock
		:: again = false
		fi;
		if
		:: named
		:: !named ->
#ifndef PLANT_FOLDER_NOT_SYNCED
			named_on_disk = name;
#endif
			named = true
		fi;
		or_killed();
		assert(length[fd[p]] < LINES);
		atomic {                                /* write_lines() */
			LINE(fd[p], length[fd[p]]) = entry;
			length[fd[p]]++;
			change[fd[p]] = (change[fd[p]] + 1) % 8
		};
		or_killed();
#ifdef PLANT_ANSWER_BEFORE_SYNC
		atomic { answered = answered | BIT(entry); check() };
#endif
		if
		:: synced[fd[p]] = length[fd[p]]        /* fdatasync() */
		:: atomic {                             /* it failed: ftruncate() */
			length[fd[p]] = end;
			LINE(fd[p], end) = NONE;
			change[fd[p]] = (change[fd[p]] + 1) % 8;
			check();
			unlock() };
			goto next
		fi;
		or_killed();
		atomic {
			list = list | BIT(entry);       /* revocations_add() */
			end++;
			seen = change[fd[p]];
			answered = answered | BIT(entry);
			check();
			unlock()
		};
next:		atomic { entry = 0; again = false }
	od;
	atomic { fd[p] = NONE; held[p] = NONE }
}

init
{
	atomic { run process(0); run process(1) }
}
