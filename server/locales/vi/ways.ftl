# Đường đưa thông báo tới từng người: thư điện tử, cổng nhắn tin, thư in có mã.

error-ways-address = Địa chỉ máy chủ hoặc trang không đúng: hãy viết như https://ten, không kèm tên và mật khẩu.
error-ways-clear = Không mã hóa thì chỉ được dùng trong chính máy này: hãy bật TLS.
error-ways-file = Không dùng được tệp mật khẩu, khóa hoặc chứng thư: hãy xem lại tệp và quyền đọc.
error-ways-from = Người gửi không đúng dạng: hãy viết như "Huyện ủy <vanphong@vidu.vn>".
error-ways-needs = Thiếu một thiết đặt đi cùng.
error-ways-tls = Không dựng được TLS để gửi tin.

contact-by-email = thư điện tử { $to }
contact-by-letter = thư in
contact-by-webhook = tin nhắn { $to }
contact-imported = { $added } người mới, { $changed } người thay đổi, { $same } người giữ nguyên
contact-none = không có địa chỉ liên hệ nào như thế
contact-not-imported = chưa nhập gì: hãy sửa những chỗ trên rồi nhập lại

notice-by-code = bằng mã trong thư
notice-by-page = trên trang của mình
notice-by-paper = ký trên giấy
notice-not-sent = chưa gửi
notice-sending = { $email } thư điện tử và { $webhook } tin nhắn đang gửi; { $before } đã gửi từ trước; { $letter } người cần thư in
notice-sent-email = đã gửi thư điện tử ngày { $on }
notice-sent-letter = đã in thư ngày { $on }
notice-sent-webhook = đã gửi tin nhắn ngày { $on }

outbox-failed = KHÔNG GỬI ĐƯỢC, { $at }: { $why }
outbox-given-up = đã bỏ, { $at }
outbox-none = không có tin nào như thế
outbox-not-needed = không cần gửi nữa, { $at }: { $why }
outbox-sent = đã gửi, { $at }
outbox-trying = đã thử { $tries } lần, thử lại { $next }: { $why }
outbox-waiting = đang chờ gửi

ways-key-made = đã ghi khóa vào { $path }: hãy đưa đúng dòng ấy cho cổng nhắn tin, và đừng để ai khác đọc được
ways-no-mail = chưa có máy chủ thư: hãy đặt mail-server và mail-from như cho `serve`
ways-no-settings = thiết đặt của `serve` có chỗ sai: hãy chạy `homphieu config check`
ways-no-webhook = chưa có cổng nhắn tin: hãy đặt webhook và webhook-key-file như cho `serve`
ways-test-failed = chưa gửi được, và có thể thử lại: { $why }
ways-test-refused = bị từ chối: { $why }
ways-test-sent = đã giao cho máy chủ, gửi tới { $to }; số của tin: { $id }

doctor-ways-address-advice = hãy đặt public-address, để tin và thư nói được nơi xem
doctor-ways-advice = hãy sửa thiết đặt, rồi thử bằng `homphieu mail test` hoặc `homphieu webhook test`
doctor-ways-no-address = { $ways } đã đặt, nhưng không tin nào dẫn tới trung tâm được
doctor-ways-none = không gửi thư điện tử và tin nhắn: mọi người nhận thư in
doctor-ways-readable = người khác đọc được { $path } ({ $setting })
doctor-ways-readable-advice = chmod 600 { $path }
doctor-ways-set = { $ways }; tin dẫn tới { $address }

demo-told = BÁO KẾT QUẢ TỚI TỪNG NGƯỜI
demo-told-ways = { $all } người: { $mails } bằng thư điện tử, { $messages } bằng tin nhắn, { $letters } bằng thư in có mã; không thư điện tử hay tin nhắn nào chứa số liệu
demo-told-said = đã báo là đã xem: { $paper } người ký trên giấy, { $code } bằng mã trong thư, { $page } trên trang của mình
demo-told-stages = { $time } đúng hạn, { $late } muộn, { $waiting } còn thời gian, { $overdue } quá hạn
demo-told-try = Xem kết quả như một người được lấy phiếu không có tài khoản: mở { $page } rồi gõ { $code }, mã trong thư của { $who }.
demo-fault-told = người được báo kết quả theo đủ các cách, có người quá hạn
demo-how-told = ký giấy, xem trên trang, bằng mã thư; quá hạn thì thấy ngay
demo-fault-noted-late = thư điện tử đã gửi, trung tâm chết trước khi kịp ghi
demo-how-noted-late = gửi lại với cùng số
demo-fault-mail-away = thư điện tử khi máy chủ thư nghỉ nhiều giờ
demo-how-mail-away = chờ, rồi gửi mỗi thư một lần
demo-fault-code = mã trong thư bị người khác đoán
demo-how-code = hết dùng sau mười lần thử
