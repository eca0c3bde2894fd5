<?php
// One PDO connection on mysqlnd; PHP itself writes what nobody catches to its error log.
ini_set('log_errors', '1');
ini_set('display_errors', '0');
ini_set('error_log', getenv('LAB_LOG'));
date_default_timezone_set(getenv('LAB_ZONE') ?: 'UTC');

function open_connection(): PDO
{
    $socket = getenv('LAB_SOCKET');
    $where = $socket ? "unix_socket=$socket" : 'host=' . getenv('LAB_HOST') . ';port=' . getenv('LAB_PORT');
    $options = [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION, PDO::ATTR_TIMEOUT => 5];
    if (getenv('LAB_TLS')) {
        $options[PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT] = false;
        $options[PDO::MYSQL_ATTR_SSL_CA] = getenv('LAB_CA');
    }
    return new PDO("mysql:$where;dbname=shop", getenv('LAB_USER'), getenv('LAB_PASSWORD'), $options);
}

$connection = null;
while (($line = fgets(STDIN)) !== false) {
    [$what, $sql] = explode("\t", rtrim($line, "\n"), 2);
    if ($sql === '') {
        $connection = null;
        echo "done\n";
        continue;
    }
    try {
        $connection ??= open_connection();
        $statement = $connection->query($sql);
        if ($statement->columnCount()) {
            $statement->fetchAll();
        }
        echo "done\n";
    } catch (PDOException $error) {
        error_log("$what: " . get_class($error) . ': ' . $error->getMessage()
            . ' in ' . $error->getFile() . ':' . $error->getLine());
        $connection = null;
        echo "failed\n";
    }
}
