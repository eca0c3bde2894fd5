// Jobs on go-sql-driver through database/sql, logged with Go's own log package.
package main

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/go-sql-driver/mysql"
)

func dsn() string {
	where := fmt.Sprintf("tcp(%s:%s)", os.Getenv("LAB_HOST"), os.Getenv("LAB_PORT"))
	if socket := os.Getenv("LAB_SOCKET"); socket != "" {
		where = fmt.Sprintf("unix(%s)", socket)
	}
	text := fmt.Sprintf("%s:%s@%s/shop?timeout=5s&maxAllowedPacket=0", os.Getenv("LAB_USER"), os.Getenv("LAB_PASSWORD"), where)
	if os.Getenv("LAB_TLS") != "" {
		text += "&tls=skip-verify"
	}
	return text
}

func open() *sql.DB {
	db, err := sql.Open("mysql", dsn())
	if err != nil {
		log.Fatal(err)
	}
	return db
}

func main() {
	file, err := os.OpenFile(os.Getenv("LAB_LOG"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		log.Fatal(err)
	}
	log.SetOutput(file)
	log.SetFlags(log.LstdFlags | log.LUTC)
	mysql.SetLogger(log.New(file, "[mysql] ", log.LstdFlags|log.LUTC|log.Lshortfile))
	db := open()
	var conn *sql.Conn
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := input.ReadString('\n')
		if err != nil {
			return
		}
		what, text, _ := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		if text == "" {
			if conn != nil {
				conn.Close()
			}
			db.Close()
			conn, db = nil, open()
			fmt.Println("done")
			continue
		}
		if err := job(db, &conn, text); err != nil {
			log.Printf("%s failed: %v", what, err)
			if conn != nil {
				conn.Close()
			}
			conn = nil
			fmt.Println("failed")
		} else {
			log.Printf("%s done", what)
			fmt.Println("done")
		}
	}
}

// job keeps its connection, so that database/sql cannot retry on another one.
func job(db *sql.DB, conn **sql.Conn, text string) error {
	ctx := context.Background()
	if *conn == nil {
		opened, err := db.Conn(ctx)
		if err != nil {
			return fmt.Errorf("open: %w", err)
		}
		*conn = opened
	}
	rows, err := (*conn).QueryContext(ctx, text)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}
