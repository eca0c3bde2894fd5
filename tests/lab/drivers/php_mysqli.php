<?php
// One mysqli connection on mysqlnd, whose failures are errors that end in PHP's error log.
ini_set('log_errors', '1');
ini_set('display_errors', '0');
ini_set('error_log', getenv('LAB_LOG'));
date_default_timezone_set(getenv('LAB_ZONE') ?: 'UTC');
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);

function open_connection(): mysqli
{
    $connection = mysqli_init();
    $connection->options(MYSQLI_OPT_CONNECT_TIMEOUT, 5);
    $flags = 0;
    if (getenv('LAB_TLS')) {
        $connection->options(MYSQLI_OPT_SSL_VERIFY_SERVER_CERT, 0);
        $connection->ssl_set(null, null, getenv('LAB_CA'), null, null);
        $flags = MYSQLI_CLIENT_SSL | MYSQLI_CLIENT_SSL_DONT_VERIFY_SERVER_CERT;
    }
    $socket = getenv('LAB_SOCKET');
    $connection->real_connect(
        $socket ? 'localhost' : getenv('LAB_HOST'), getenv('LAB_USER'), getenv('LAB_PASSWORD'),
        'shop', (int) getenv('LAB_PORT'), $socket ?: null, $flags
    );
    return $connection;
}

$connection = null;
while (($line = fgets(STDIN)) !== false) {
    [$what, $sql] = explode("\t", rtrim($line, "\n"), 2);
    if ($sql === '') {
        $connection?->close();
        $connection = null;
        echo "done\n";
        continue;
    }
    try {
        $connection ??= open_connection();
        $result = $connection->query($sql);
        if ($result instanceof mysqli_result) {
            $result->free();
        }
        echo "done\n";
    } catch (mysqli_sql_exception $error) {
        error_log("PHP Fatal error:  Uncaught $error\n  thrown in {$error->getFile()} on line {$error->getLine()}");
        $connection = null;
        echo "failed\n";
    }
}
