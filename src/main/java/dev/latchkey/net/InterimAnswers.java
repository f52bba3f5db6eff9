package dev.latchkey.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.ReferenceCountUtil;

/**
 * Ends a connection on which an interim answer comes that nobody asked for.
 * <p>
 * <b>Invariant:</b> what is read on a connection answers the request for which the connection was given out. The client takes
 * 101, 102 and whatever else lies between 104 and 199 for the answer, and gives the connection to the next request while the
 * true answer is still on its way: whoever sent the next request, of whichever organization, would be given it. That request
 * may run on another event loop than the connection, so it is too late to close it when the client has told of the head; here
 * it is not, being on the connection's own event loop and before the client.
 * <p>
 * 100 and 103 the client passes over by itself.
 */
final class InterimAnswers extends ChannelInboundHandlerAdapter {

    /** In the pipeline, and of the client's own handler there. */
    private static final String NAME = "interimAnswers";
    private static final String CLIENT = "handler";
    private static final int CONTINUE = 100;
    private static final int EARLY_HINTS = 103;
    private static final int FIRST_FINAL = 200;

    private boolean ended;

    static void watch(Channel channel) {
        channel.pipeline().addBefore(CLIENT, NAME, new InterimAnswers());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!ended && message instanceof HttpResponse answer && isUnasked(answer.status().code())) {
            ended = true;
            // Fails the request, and closes.
            context.fireExceptionCaught(new UnaskedException());
            context.close();
        }
        if (ended) {
            ReferenceCountUtil.release(message);
        } else {
            context.fireChannelRead(message);
        }
    }

    private static boolean isUnasked(int status) {
        return status < FIRST_FINAL && status != CONTINUE && status != EARLY_HINTS;
    }

    /** Not of the connection, which would have the request sent again. */
    private static final class UnaskedException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        UnaskedException() {
            super("an interim answer that nobody asked for", null, false, false);
        }
    }
}
